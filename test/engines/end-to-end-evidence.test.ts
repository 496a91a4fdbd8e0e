// test/e2e/evidence.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-evidence', () => import('../e2e/evidence.test.ts'))
