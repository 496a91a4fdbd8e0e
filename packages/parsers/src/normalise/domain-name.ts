// A DNS name's registered domain: by the public suffixes of two labels that are met in practice, else the last label.

const twoLabelSuffixes = new Set(
  (
    'co.uk org.uk ac.uk gov.uk me.uk net.uk sch.uk ltd.uk plc.uk co.jp ne.jp or.jp ac.jp go.jp com.au net.au org.au edu.au gov.au id.au ' +
    'co.nz net.nz org.nz govt.nz ac.nz com.br net.br org.br gov.br com.cn net.cn org.cn gov.cn edu.cn co.in net.in org.in gov.in ac.in ' +
    'co.za org.za gov.za com.mx com.ar com.tr gov.tr com.tw org.tw com.hk com.sg co.kr or.kr go.kr com.pl net.pl org.pl com.ua co.il ' +
    'org.il com.my co.id co.th com.ph com.vn com.eg com.sa com.pk com.ng co.ke com.co com.pe com.ve com.gr com.pt com.es com.ru ' +
    'cloudapp.net azurewebsites.net cloudfront.net herokuapp.com github.io blogspot.com'
  ).split(' '),
)

export interface DomainParts {
  registered: string
  topLevel: string
  subdomain: string | undefined
}

/** Undefined for single labels and addresses. */
export function domainParts(name: string): DomainParts | undefined {
  const clean = name.endsWith('.') ? name.slice(0, -1) : name
  const labels = clean.split('.')
  if (labels.length < 2 || labels.length > 64 || labels.includes('') || /^\d+$/.test(labels[labels.length - 1] ?? ''))
    return undefined
  const lastTwo = labels.slice(-2).join('.').toLowerCase()
  const suffixLength = twoLabelSuffixes.has(lastTwo) ? 2 : 1
  if (labels.length <= suffixLength) return undefined
  return {
    registered: labels.slice(-suffixLength - 1).join('.'),
    topLevel: labels.slice(-suffixLength).join('.'),
    subdomain: labels.length > suffixLength + 1 ? labels.slice(0, -suffixLength - 1).join('.') : undefined,
  }
}
