const ENTITY = /&([^;&<\s]{1,10});/y;
const NAMED: ReadonlyMap<string, string> = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
]);
const REPLACEMENT = '\ufffd';

/** Control characters, which test tools do refer to, are taken as they are; what is no character at all is replaced. */
function referred(code: string): string | undefined {
  const point = /^#x[0-9a-f]+$/i.test(code) ? Number.parseInt(code.slice(2), 16) : /^#\d+$/.test(code) ? Number(code.slice(1)) : undefined;
  if (point === undefined) return undefined;
  return point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff) ? REPLACEMENT : String.fromCodePoint(point);
}

/** Only the five predefined entities and references to characters exist; `fail` is told of any other. */
export function unescape(text: string, fail: (message: string) => never): string {
  let at = text.indexOf('&');
  if (at < 0) return text;
  let [result, from] = ['', 0];
  for (; at >= 0; at = text.indexOf('&', from)) {
    ENTITY.lastIndex = at;
    const code = ENTITY.exec(text)?.[1];
    const value = code === undefined ? undefined : (NAMED.get(code) ?? referred(code));
    if (code === undefined || value === undefined) return fail(`unknown entity ${JSON.stringify(text.slice(at, at + 12))}`);
    result += text.slice(from, at) + value;
    from = at + code.length + 2;
  }
  return result + text.slice(from);
}
