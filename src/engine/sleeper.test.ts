import { expect, test } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import { Sleeper } from './sleeper.ts';

function world() {
  const clock = new ManualClock(0);
  const sleeper = new Sleeper(clock);
  const rung: string[] = [];
  const set = (key: string, at: number | undefined, then?: () => void) =>
    sleeper.set(key, at, () => {
      rung.push(key);
      then?.();
    });
  return { clock, sleeper, rung, set };
}

test('rings what is due, earliest first, once', () => {
  const { clock, sleeper, rung, set } = world();
  set('late', 30);
  set('early', 10);
  set('middle', 20);
  expect(sleeper.next()).toBe(10);
  clock.advance(20);
  sleeper.ring();
  sleeper.ring();
  expect(rung).toEqual(['early', 'middle']);
  expect(sleeper.next()).toBe(30);
  sleeper.close();
});

test('a key has one alarm: the last that was set', () => {
  const { clock, sleeper, rung, set } = world();
  for (let at = 1000; at > 0; at--) set('one', at);
  set('other', 5);
  set('other', undefined);
  expect(sleeper.next()).toBe(1);
  set('one', 7);
  expect(sleeper.next()).toBe(7);
  clock.advance(6);
  sleeper.ring();
  expect(rung).toEqual([]);
  clock.advance(1);
  sleeper.ring();
  expect(rung).toEqual(['one']);
  sleeper.close();
});

test('one that rings may set itself anew, and take away another that is due', () => {
  const { clock, sleeper, rung, set } = world();
  set('first', 1, () => {
    set('first', 2);
    set('second', undefined);
  });
  set('second', 2);
  clock.advance(5);
  sleeper.ring();
  expect(rung).toEqual(['first']);
  sleeper.ring();
  expect(rung).toEqual(['first', 'first']);
  sleeper.close();
});
