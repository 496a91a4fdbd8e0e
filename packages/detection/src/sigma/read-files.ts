// Sigma files below a folder, or inside a .tar.gz as the releases come.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { limits, VardeError } from '@varde/runtime'

export interface SigmaText {
  /** Below the folder, with `/`. */
  path: string
  text: string
}

const isYaml = (name: string): boolean => /\.ya?ml$/i.test(name)

/** In the order of their paths. */
export async function readSigmaFiles(path: string): Promise<SigmaText[]> {
  const facts = await stat(path)
  if (facts.isDirectory()) return readFolder(path)
  if (/\.(tar\.gz|tgz)$/i.test(path)) return readArchive(await unpack(path))
  return [{ path: path.slice(path.lastIndexOf(sep) + 1), text: await readFile(path, 'utf8') }]
}

async function unpack(path: string): Promise<Buffer> {
  try {
    return await promisify(gunzip)(await readFile(path), { maxOutputLength: limits.sigmaArchiveBytesMax })
  } catch (cause) {
    throw new VardeError(
      'SIGMA_ARCHIVE',
      `${path} can't be unpacked, or not within ${limits.sigmaArchiveBytesMax} bytes`,
      {
        cause,
        hint: 'Unpack it by hand and name the folder.',
      },
    )
  }
}

async function readFolder(folder: string): Promise<SigmaText[]> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && isYaml(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
  return Promise.all(
    names.map(async (name) => ({
      path: name.slice(folder.length).replaceAll(sep, '/').replace(/^\/+/, ''),
      text: await readFile(name, 'utf8'),
    })),
  )
}

const block = 512

/** POSIX ustar (IEEE 1003.1, pax): a header of 512 bytes, then the content in blocks; longer names in entries of type x and L. */
function readArchive(bytes: Buffer): SigmaText[] {
  const files: SigmaText[] = []
  let longName: string | undefined
  for (let at = 0; at + block <= bytes.length; ) {
    const header = bytes.subarray(at, at + block)
    const name = text(header, 0, 100)
    if (name === '') break
    const size = Number.parseInt(text(header, 124, 12), 8)
    const type = String.fromCharCode(header[156] ?? 0)
    const content = bytes.subarray(at + block, at + block + size)
    const prefix = text(header, 257, 5) === 'ustar' ? text(header, 345, 155) : ''
    const path = longName ?? (prefix === '' ? name : `${prefix}/${name}`)
    longName = undefined
    if (type === 'L') longName = text(content, 0, content.length)
    else if (type === 'x') longName = /\d+ path=(.*)\n/.exec(content.toString('utf8'))?.[1]
    else if ((type === '0' || type === '\0') && isYaml(path))
      files.push({ path: path.replace(/^\.\//, ''), text: content.toString('utf8') })
    at += block + Math.ceil(size / block) * block
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

function text(bytes: Buffer, from: number, length: number): string {
  const end = bytes.indexOf(0, from)
  return bytes.toString('utf8', from, end < 0 || end > from + length ? from + length : end).trim()
}
