// test/e2e/notify.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-notify', () => import('../e2e/notify.test.ts'))
