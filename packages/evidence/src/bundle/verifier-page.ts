// The page that a bundle brings for checking it, run without a browser: for tests.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

const page = join(import.meta.dirname, '..', '..', '..', 'triage', 'texts', 'verify.html')

/** What the page says is wrong first; undefined where all holds. */
export function verifierPage(): (bundle: Uint8Array, firstKey: string) => Promise<string | undefined> {
  const [, script = ''] = /<script>([\s\S]*)<\/script>/.exec(readFileSync(page, 'utf8')) ?? []
  const element = () => ({ addEventListener() {}, append() {}, textContent: '', className: '', value: '' })
  const document = { documentElement: { lang: 'en' }, title: '', getElementById: element, createElement: element }
  const context = createContext({
    document,
    TextEncoder,
    TextDecoder,
    Uint8Array,
    DataView,
    crypto,
    atob,
    btoa,
    setTimeout,
  })
  runInContext(`${script}\n;globalThis.checkBundle = check`, context)
  const { checkBundle } = context
  if (typeof checkBundle !== 'function') throw new Error('the page has no check')
  return async (bundle, firstKey) => {
    try {
      await checkBundle(new Uint8Array(bundle), firstKey)
      return undefined
    } catch (error) {
      return String(Object(error).message)
    }
  }
}
