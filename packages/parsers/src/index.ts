// One raw record in, one ECS event out; pure, no I/O.
export { type Parsed, type ParseInput, parseRecord, type Unparsed } from './parse-record.ts'
export type { Product } from './product.ts'
export { datasets, productOf, products } from './products.ts'
