/** EventBridge calls its targets under a session of this prefix and the rule's ARN: so the target can say what started it. */
export const RULE_SESSION = 'events:';

/** The rule that an assumed-role principal of EventBridge speaks for, or undefined. */
export function ruleOf(principalArn: string): string | undefined {
  const at = principalArn.indexOf(`/${RULE_SESSION}`);
  return at === -1 ? undefined : principalArn.slice(at + 1 + RULE_SESSION.length);
}
