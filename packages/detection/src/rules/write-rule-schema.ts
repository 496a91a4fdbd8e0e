// Writes detections/rule.schema.json from the zod schema: `node packages/detection/src/rules/write-rule-schema.ts`.
import { writeFile } from 'node:fs/promises'
import { ruleSchemaText } from './schema.ts'

await writeFile(new URL('../../../../detections/rule.schema.json', import.meta.url), ruleSchemaText())
