// A field of Sigma as JSONata reads it from our events, and the fields of the categories that Sysmon writes.
import { type Clause, path, quote, test } from './jsonata-text.ts'

export interface SigmaField {
  /** JSONata that gives the value. */
  subject: string
  type: 'text' | 'number'
  /** Our parser leaves out values that say nothing (`-`, empty): tests for them are tests for absence. */
  dropsEmpty: boolean
}

export interface Logsource {
  product: string | undefined
  category: string | undefined
  service: string | undefined
}

export function text(field: string): SigmaField {
  return { subject: path(field), type: 'text', dropsEmpty: false }
}

export function ecs(field: string): SigmaField {
  return { subject: path(field), type: 'text', dropsEmpty: true }
}

export function number(field: string): SigmaField {
  return { subject: path(field), type: 'number', dropsEmpty: true }
}

export function equals(field: string, values: readonly string[]): Clause {
  const [first] = values
  return test(
    values.length === 1 && first !== undefined
      ? `${path(field)} = ${quote(first)}`
      : `${path(field)} in [${values.map(quote).join(', ')}]`,
  )
}

/** Per category: what Sysmon's data become in ECS. Everything else keeps its name below winlog.event_data. */
export const byCategory: Record<string, Record<string, SigmaField> | undefined> = {
  process_creation: {
    Image: ecs('process.executable'),
    CommandLine: ecs('process.command_line'),
    ParentImage: ecs('process.parent.executable'),
    ParentCommandLine: ecs('process.parent.command_line'),
    CurrentDirectory: ecs('process.working_directory'),
    OriginalFileName: ecs('process.pe.original_file_name'),
  },
  image_load: { Image: ecs('process.executable'), ImageLoaded: ecs('file.path') },
  driver_load: { ImageLoaded: ecs('file.path') },
  network_connection: {
    Image: ecs('process.executable'),
    DestinationHostname: ecs('destination.domain'),
    SourceHostname: ecs('source.domain'),
  },
  dns_query: { Image: ecs('process.executable'), QueryName: ecs('dns.question.name') },
  process_access: { SourceImage: ecs('process.executable') },
  create_remote_thread: { SourceImage: ecs('process.executable') },
  pipe_created: { Image: ecs('process.executable') },
}
for (const category of [
  'file_event',
  'file_creation',
  'file_change',
  'file_delete',
  'create_stream_hash',
  'file_executable_detected',
  'file_block_executable',
]) {
  byCategory[category] = { Image: ecs('process.executable'), TargetFilename: ecs('file.path') }
}
for (const category of ['registry_event', 'registry_set', 'registry_add', 'registry_delete', 'registry_rename']) {
  byCategory[category] = { Image: ecs('process.executable'), TargetObject: ecs('registry.path') }
}
