// What each process needs to behave.
export { type Clock, manualClock, monotonic, systemClock } from './clock.ts'
export {
  type Config,
  type KafkaInputConfig,
  type ListenerConfig,
  loadConfig,
  type Role,
  type SourceConfig,
} from './config.ts'
export { isVardeError, VardeError } from './errors.ts'
export { type FolderLock, lockFolder } from './folder-lock.ts'
export { limits } from './limits.ts'
export { createLogger, type Logger } from './log.ts'
export type { NotifyConfig } from './notify-config.ts'
export { type Connections, connect, createConnections, expose, transferring } from './rpc.ts'
export type { Service } from './service.ts'
export { someAtOnce } from './some-at-once.ts'
