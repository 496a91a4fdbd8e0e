// A file as plain bytes: gz and zstd are recognised by their first bytes, UTF-16 by its mark.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, constants, open, stat } from 'node:fs/promises'
import { TextDecoder } from 'node:util'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { VardeError } from '@varde/runtime'

export interface OpenFile {
  /** The file's own size; of the compressed one where it is. */
  bytesTotal: number
  /** Of these, read so far. */
  bytesRead(): number
  chunks: AsyncIterable<Buffer>
  close(): void
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** RFC 1952 2.3.1 and RFC 8878 3.1.1. */
function inflaterOf(head: Buffer) {
  if (head[0] === 0x1f && head[1] === 0x8b) return createGunzip()
  if (head.length === 4 && head.readUInt32LE(0) === 0xfd2fb528) return createZstdDecompress()
  return undefined
}

function unreadable(path: string) {
  return (cause: unknown): never => {
    throw new VardeError('IMPORT_UNREADABLE', `can't read ${path}: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
      hint: 'Check the path and the rights.',
    })
  }
}

export async function openFile(path: string): Promise<OpenFile> {
  const { size } = await stat(path).catch(unreadable(path))
  const file = createReadStream(path, { highWaterMark: 256 * 1024 })
  const inflater = inflaterOf(await headOf(path))
  const bytes: AsyncIterable<Buffer> = inflater === undefined ? file : file.pipe(inflater)
  file.on('error', (error) => inflater?.destroy(error))
  return {
    bytesTotal: size,
    bytesRead: () => file.bytesRead,
    chunks: asUtf8(bytes, path),
    close() {
      file.destroy()
      inflater?.destroy()
    },
  }
}

/** Event Viewer and PowerShell write UTF-16 with a mark; everything else passes as it is. */
async function* asUtf8(bytes: AsyncIterable<Buffer>, path: string): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined
  let first = true
  try {
    for await (const chunk of bytes) {
      if (first && chunk[0] === 0xff && chunk[1] === 0xfe) decoder = new TextDecoder('utf-16le')
      first = false
      yield decoder === undefined ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }))
    }
    if (decoder !== undefined) yield Buffer.from(decoder.decode())
  } catch (cause) {
    throw new VardeError('IMPORT_UNREADABLE', `${path} breaks off: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
      hint: 'What came before is imported. Get a whole copy and import it too: a file of other content is another producer.',
    })
  }
}

/** SHA-256 of the file's bytes as they lie there: what its records are named by. */
export async function fileDigest(path: string, signal?: AbortSignal): Promise<string> {
  await access(path, constants.R_OK).catch(unreadable(path))
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
    signal?.throwIfAborted()
    hash.update(chunk)
  }
  return hash.digest('hex')
}
