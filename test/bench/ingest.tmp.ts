import { benchIngest } from './ingest.ts'

console.table(await benchIngest({ records: Number(process.argv[2] ?? 60000) }))
