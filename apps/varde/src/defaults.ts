// What commands take where nothing is said.

export const dataDefault = '.varde'
