// test/e2e/rules.test.ts on a real Kafka and Elasticsearch.
import { endToEnd } from './end-to-end.ts'

await endToEnd('e2e-rules', () => import('../e2e/rules.test.ts'))
