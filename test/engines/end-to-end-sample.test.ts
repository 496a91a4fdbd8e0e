// test/e2e/sample.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-sample', () => import('../e2e/sample.test.ts'))
