import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CommandFileError, parseCommandFile, parsePathFile } from './command-file.ts';
import { CommandLines } from './command-lines.ts';
import { launchScript } from './launch.ts';
import { wordsOf } from './words.ts';
import { parseWorkflowCommand } from './workflow-command.ts';

describe('a workflow command', () => {
  it.each([
    ['::group::A title', { name: 'group', properties: {}, value: 'A title' }],
    ['  ::endgroup::', { name: 'endgroup', properties: {}, value: '' }],
    ['::Set-Output name=a::b::c', { name: 'set-output', properties: { name: 'a' }, value: 'b::c' }],
    [
      '::error file=a%2Cb.c,line=1,title=x%3Ay%25::1%0A2%0d%25',
      { name: 'error', properties: { file: 'a,b.c', line: '1', title: 'x:y%' }, value: '1\n2\r%' },
    ],
    ['::add-mask::%3A', { name: 'add-mask', properties: {}, value: '%3A' }],
    ['::warning ,=x,y=::', { name: 'warning', properties: { y: '' }, value: '' }],
  ])('%s', (line, expected) => expect(parseWorkflowCommand(line)).toEqual(expected));

  it.each(['', ':group::x', '::group', 'a ::group::', '::::', ':: ::'])('%s is none', (line) =>
    expect(parseWorkflowCommand(line)).toBeUndefined(),
  );
});

describe('the lines of a step', () => {
  /** What is shown, and the commands. */
  function read(chunks: readonly Uint8Array[]) {
    const shown: Uint8Array[] = [];
    const commands: string[] = [];
    const lines = new CommandLines(
      (bytes) => shown.push(Uint8Array.from(bytes)),
      (line) => {
        if (line.includes('no')) return false;
        commands.push(line);
        return true;
      },
    );
    for (const chunk of chunks) lines.write(chunk);
    lines.end();
    return { shown: Buffer.concat(shown), commands };
  }

  it('are cut as they come', () => {
    const text = 'a\n::one::x\r\n:b::\n  ::two\n::no::\n\n:';
    for (let at = 0; at <= text.length; at++) {
      const { shown, commands } = read([Buffer.from(text.slice(0, at)), Buffer.from(text.slice(at))]);
      expect(shown.toString()).toBe('a\n:b::\n::no::\n\n:');
      expect(commands).toEqual(['::one::x', '  ::two']);
    }
  });

  it('are otherwise shown byte by byte, however they are cut', () => {
    const piece = fc.constantFrom('::', ':', 'a', ' ', '\n', '\r\n', '::no', '\t');
    const part = fc.oneof(
      piece.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 5 }).map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), fc.array(fc.nat(80), { maxLength: 6 }), (parts, cuts) => {
        const all = Buffer.concat(parts);
        const places = [0, ...cuts.map((cut) => Math.min(cut, all.length)).toSorted((a, b) => a - b), all.length];
        const cut = read(places.slice(1).map((to, i) => all.subarray(places[i], to)));
        const whole = read([all]);
        expect(cut.shown.equals(whole.shown)).toBe(true);
        expect(cut.commands).toEqual(whole.commands);
        // Line by line in latin1, which keeps all bytes: what is no command is there as it was.
        const plain = all
          .toString('latin1')
          .split(/(?<=\n)/)
          .filter((line) => !/^[ \t\r]*::/.test(line) || line.includes('no'));
        expect(whole.shown.toString('latin1')).toBe(plain.join(''));
      }),
    );
  });

  it('are shown at once where they can be no command', () => {
    const shown: string[] = [];
    const lines = new CommandLines(
      (bytes) => shown.push(Buffer.from(bytes).toString()),
      () => true,
    );
    lines.write(Buffer.from('password: '));
    lines.write(Buffer.from(':'));
    expect(shown.join('')).toBe('password: :');
  });
});

describe('a command file', () => {
  it.each([
    ['', []],
    [
      'A=b\nC=d=e\n\n',
      [
        ['A', 'b'],
        ['C', 'd=e'],
      ],
    ],
    [
      'A<<X\n1\n\n2\nX\nB=\n',
      [
        ['A', '1\n\n2'],
        ['B', ''],
      ],
    ],
    ['A<<X\nX\n', [['A', '']]],
    [
      'A=<<X\r\nB=c\r\n',
      [
        ['A', '<<X'],
        ['B', 'c'],
      ],
    ],
    ['A<<X=Y\nb\nX=Y', [['A', 'b']]],
  ])('%j', (text, expected) => expect(parseCommandFile(text)).toEqual(expected));

  it.each(['A', 'A<<X\nb', 'A<<\nb', '=b', '<<X\nX', 'A=\0'])('%j cannot be read', (text) =>
    expect(() => parseCommandFile(text)).toThrow(CommandFileError),
  );

  it('gives back what was written into it', () => {
    const name = fc.stringMatching(/^[A-Za-z_][\w-]{0,10}$/);
    const value = fc.string().filter((text) => !/[\0\r]/.test(text) && !text.split('\n').includes('END'));
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
        expect(parseCommandFile(pairs.map(([key, text]) => `${key}<<END\n${text}\nEND\n`).join(''))).toEqual(pairs);
      }),
    );
  });

  it('of paths has one a line', () => expect(parsePathFile('/a\n\n/b c\r\n')).toEqual(['/a', '/b c']));
});

describe('words', () => {
  it.each([
    ['', []],
    ['  a  b ', ['a', 'b']],
    [`'a b'"c \\"d\\" \\x" e\\ f ''`, ['a bc "d" \\x', 'e f', '']],
    [`a'b`, [`a'b`]],
  ])('of %j', (line, expected) => expect(wordsOf(line)).toEqual(expected));
});

it('starts a program with its environment in no argument, save for names that no shell can say', () => {
  const script = launchScript({
    argv: ['a', "b'c"],
    env: { X: "it's", 'INPUT_A-B': 'odd', UID: '1' },
    cwd: '/some where',
    files: ['/f/a', '/f/b'],
  });
  expect(script).toBe(
    `(\nset +eux\nmkdir -m 777 '/f' || exit 1\n: >|'/f/a'\n: >|'/f/b'\ncd -- '/some where' || exit 1\nexport X='it'\\''s'\nexec env 'INPUT_A-B=odd' 'UID=1' 'a' 'b'\\''c'\n)`,
  );
});
