import { expect, test } from "vitest";
import { createBreaker } from "../../src/store/breaker.ts";

function setUp() {
  let now = 0;
  const breaker = createBreaker(() => now);
  return {
    breaker,
    pass(ms: number) {
      now += ms;
    },
    fail(times: number) {
      for (let time = 0; time < times; time++) breaker.failed();
    },
  };
}

test("two failures, or three with a success in between, change nothing", () => {
  const { breaker, fail } = setUp();
  fail(2);
  expect(breaker.allows()).toBe(true);
  breaker.succeeded();
  fail(2);
  expect(breaker.allows()).toBe(true);
});

test("after three consecutive failures it probes once after 0.5, 1, 2, 4, 5, 5 s", () => {
  const { breaker, fail, pass } = setUp();
  fail(3);
  for (const pauseMs of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
    pass(pauseMs - 1);
    expect(breaker.allows()).toBe(false);
    pass(1);
    expect([breaker.allows(), breaker.allows()]).toEqual([true, false]);
    breaker.failed();
  }
});

test("failures of operations that were running when it opened do not lengthen the pause", () => {
  const { breaker, fail, pass } = setUp();
  fail(20);
  pass(500);
  expect(breaker.allows()).toBe(true);
});

test("one success closes it, and the next pause is short again", () => {
  const { breaker, fail, pass } = setUp();
  fail(3);
  pass(500);
  breaker.allows();
  fail(1);
  pass(1_000);
  breaker.allows();
  breaker.succeeded();
  expect([breaker.allows(), breaker.allows()]).toEqual([true, true]);
  fail(3);
  pass(500);
  expect(breaker.allows()).toBe(true);
});
