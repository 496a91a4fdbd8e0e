// The version of this Varde, from its package.
import manifest from '../package.json' with { type: 'json' }

export const version: string = manifest.version
