// test/e2e/senders.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-senders', () => import('../e2e/senders.test.ts'))
