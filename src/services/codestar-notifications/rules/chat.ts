import { isObject, type Json, type JsonObject } from '../../../kernel/json.ts';

/** A notification for people: a line, and facts below it. */
export interface Summary {
  readonly title: string;
  readonly facts: readonly (readonly [string, string])[];
}

/** Fields of events that tell people something, by the words they are shown under. */
const FIELDS: readonly (readonly [string, string])[] = [
  ['pipeline', 'Pipeline'],
  ['stage', 'Stage'],
  ['action', 'Action'],
  ['state', 'State'],
  ['execution-id', 'Execution'],
  ['project-name', 'Project'],
  ['build-status', 'Build'],
  ['completed-phase', 'Phase'],
  ['completed-phase-status', 'Phase status'],
  ['repositoryName', 'Repository'],
  ['referenceType', 'Kind'],
  ['referenceName', 'Name'],
  ['commitId', 'Commit'],
];

const SIGNS: readonly (readonly [RegExp, string])[] = [
  [/fail/i, '❌'],
  [/succe/i, '✅'],
  [/needed/i, '✋'],
  [/cancel|stopped|superseded|deleted/i, '⏹️'],
];

const isText = (value: Json | undefined): value is string => typeof value === 'string' && value !== '';

function failures({ failedActions }: JsonObject): (readonly [string, string])[] {
  if (!Array.isArray(failedActions)) return [];
  return (failedActions as readonly JsonObject[]).map(({ action, additionalInformation }) => {
    const reason = isText(additionalInformation) ? additionalInformation : 'no reason given';
    return [isText(action) ? `Failed: ${action}` : 'Failed', reason] as const;
  });
}

function resultOf({ 'execution-result': result }: JsonObject): (readonly [string, string])[] {
  const text = isObject(result) ? result['external-execution-summary'] : undefined;
  return typeof text === 'string' ? [['Result', text]] : [];
}

/** `typeName` is the event type's, `Pipeline execution: Failed`. */
export function summaryOf(typeName: string, detail: JsonObject, attributes: JsonObject): Summary {
  const about = [detail.pipeline, detail['project-name'], detail.repositoryName].find(isText) ?? '';
  const sign = SIGNS.find(([pattern]) => pattern.test(typeName))?.[1] ?? 'ℹ️';
  const facts = FIELDS.flatMap(([field, label]) => {
    const value = detail[field];
    return isText(value) ? [[label, value] as const] : [];
  });
  const asked = isText(attributes.customData) ? [['Message', attributes.customData] as const] : [];
  const review = isText(attributes.externalEntityLink) ? [['To review', attributes.externalEntityLink] as const] : [];
  return { title: `${sign} ${about}: ${typeName}`, facts: [...facts, ...asked, ...review, ...resultOf(detail), ...failures(attributes)] };
}

/** Slack reads three characters as markup: https://docs.slack.dev/messaging/formatting-message-text */
function forSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Limits of Slack's blocks. */
const SLACK_HEADER = 150;
const SLACK_TEXT = 2_900;

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** What an incoming webhook of Slack takes: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export function slackMessage({ title, facts }: Summary): JsonObject {
  const lines = facts.map(([label, value]) => `*${forSlack(label)}:* ${forSlack(value)}`).join('\n');
  return {
    text: forSlack(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(title, SLACK_HEADER), emoji: true } },
      { type: 'section', text: { type: 'mrkdwn', text: cut(lines === '' ? '-' : lines, SLACK_TEXT) } },
    ],
  };
}

/** What a workflow's webhook of Teams takes: https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using */
export function teamsMessage({ title, facts }: Summary): JsonObject {
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: title, weight: 'Bolder', size: 'Medium', wrap: true },
      { type: 'FactSet', facts: facts.map(([label, value]) => ({ title: label, value })) },
    ],
  };
  return { type: 'message', attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }] };
}
