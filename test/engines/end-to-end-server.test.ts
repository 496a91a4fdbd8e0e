// test/e2e/server.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-server', () => import('../e2e/server.test.ts'))
