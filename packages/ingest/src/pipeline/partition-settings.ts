// What a followed partition can be told, and what it tells.
import { limits } from '@varde/runtime'

export interface PartitionHealth {
  partition: number
  generation: number
  /** `full`: the disk is; `failing`: see `detail`; both are tried again for ever. */
  state: 'starting' | 'ok' | 'full' | 'failing' | 'stopped'
  detail?: string
  /** Of the last seal: its number, and one past the last offset it covers. */
  seq: number
  sealedTo: number
  /** One past the last record that the store holds; above `sealedTo` is the unsealed tail. */
  storedTo: number
  /** Records of the unsealed tail without ticks: what people call "not sealed yet". */
  unsealed: number
  /** End of the topic when it was last looked at: end − storedTo is the lag. */
  end: number
  watermark: number
}

export interface PartitionSettings {
  sealMs: number
  sealTicksMs: number
  sealRecordsMax: number
  sealBytesMax: number
  /** One read of the topic: what is prepared while the batch before is being written. */
  batchRecordsMax: number
  batchBytesMax: number
  retryMs: number
  futureSkewMs: number
  /** False keeps sealed records in the topic for its own retention. */
  trim: boolean
}

export const partitionSettings: PartitionSettings = {
  sealMs: limits.sealMs,
  sealTicksMs: limits.sealTicksMs,
  sealRecordsMax: limits.sealRecordsMax,
  sealBytesMax: limits.sealBytesMax,
  batchRecordsMax: 2_000,
  batchBytesMax: 4 * 1024 * 1024,
  retryMs: 1_000,
  futureSkewMs: limits.futureSkewMs,
  trim: true,
}
