// Cisco Meraki's webhooks: one alert of the dashboard as JSON.
// "Webhook payload templates", schema version 0.1 (developer.cisco.com/meraki/webhooks).
import type { JsonObject } from '@varde/schema'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { add, type EventDocument, put, putUnder } from '../normalise/document.ts'
import { macOf } from '../normalise/endpoint.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putKind } from './kv-product.ts'

/** The alert where the record is one. */
export function webhookOf(record: LogRecord): JsonObject | undefined {
  const json = jsonOf(record)
  return json !== undefined && json['alertTypeId'] !== undefined && json['organizationId'] !== undefined
    ? json
    : undefined
}

/** Keys that have a place in ECS; the shared secret is nobody's business. */
const placed = new Set(
  'deviceName deviceSerial deviceModel deviceMac networkName organizationId organizationName alertType alertLevel occurredAt sharedSecret'.split(
    ' ',
  ),
)

/** Alert types that begin or end something; the others inform. */
const steps: Readonly<Record<string, readonly [string, readonly string[]] | undefined>> = {
  cellular_up: ['network', ['info', 'start']],
  cellular_down: ['network', ['info', 'end']],
  started_reporting: ['network', ['info', 'start']],
  stopped_reporting: ['network', ['info', 'end']],
  vpn_connectivity_change: ['network', ['info', 'change']],
  settings_changed: ['configuration', ['change']],
  rogue_dhcp: ['network', ['info']],
  rogue_ap: ['network', ['info']],
  amp_malware_detected: ['malware', ['info']],
  amp_malware_blocked: ['malware', ['info', 'denied']],
}

export function putWebhook(record: LogRecord, document: EventDocument, json: JsonObject): void {
  const text = (key: string): string | undefined => {
    const value = json[key]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  document.dataset = 'cisco_meraki.events'
  put(document, '@timestamp', isoTime(timeOf(text('occurredAt') ?? text('sentAt'), record.arrival, 'UTC')))
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.name', text('deviceName'))
  put(document, 'observer.product', text('deviceModel'))
  put(document, 'observer.serial_number', text('deviceSerial'))
  add(document, 'observer.mac', macOf(text('deviceMac')))
  put(document, 'network.name', text('networkName'))
  put(document, 'organization.id', text('organizationId'))
  put(document, 'organization.name', text('organizationName'))
  put(document, 'log.level', text('alertLevel'))
  for (const [key, value] of Object.entries(json))
    if (!placed.has(key)) putUnder(document, 'cisco_meraki.event', key, value)
  const [category, types] = steps[text('alertTypeId') ?? ''] ?? ['network', ['info']]
  putKind(document, text('alertType'), [category], types)
}
