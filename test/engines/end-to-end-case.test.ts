// test/e2e/case.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-case', () => import('../e2e/case.test.ts'))
