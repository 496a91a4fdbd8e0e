// The table of all products. A new one is a file in products/, a line in host-products.ts or network-products.ts, and a folder of fixtures.
import type { Product } from './product.ts'
import { hostProducts } from './products/host-products.ts'
import { firewalls, networkProducts } from './products/network-products.ts'

/** In the order in which detection asks them: the sure and cheap ones of many lines first, the generic ones last. */
export const products: readonly Product[] = [...firewalls, ...hostProducts, ...networkProducts]

const byDataset = new Map<string, Product>()
for (const product of products) {
  for (const dataset of product.datasets) if (!byDataset.has(dataset)) byDataset.set(dataset, product)
  if (!byDataset.has(product.name)) byDataset.set(product.name, product)
}

/** Every `event.dataset` that a parser answers to, in alphabetical order. */
export function datasets(): readonly string[] {
  return [...new Set(products.flatMap((product) => product.datasets))].sort()
}

/** The product of a hint: its dataset, its name, or the name before the first dot. */
export function productOf(dataset: string): Product | undefined {
  const dot = dataset.indexOf('.')
  return byDataset.get(dataset) ?? (dot > 0 ? byDataset.get(dataset.slice(0, dot)) : undefined)
}
