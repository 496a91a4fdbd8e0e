// Tell the right person, once, and know that they were told.
export type { AlertNews } from './alert-news.ts'
export type { Channel, Message } from './channel.ts'
export { createMailChannel, createMailer, type Mailer, type MailSettings } from './channels/mail.ts'
export { createWebhookChannel, type WebhookSettings } from './channels/webhook.ts'
export { type AlertQueue, createNotifier, type Notifier, type NotifierStatus } from './notifier.ts'
export type { OfficeHours, Route } from './route.ts'
