import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Poll, pollWhileVisible } from "./poll.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  poll.stop();
  vi.useRealTimers();
});

let poll: Poll;

class Page extends EventTarget {
  visibilityState: DocumentVisibilityState = "visible";
  become(state: DocumentVisibilityState): void {
    this.visibilityState = state;
    this.dispatchEvent(new Event("visibilitychange"));
  }
}

function polling(askMs: number) {
  const page = new Page();
  const asked = { begun: 0, atOnce: 0, mostAtOnce: 0 };
  const ask = async () => {
    asked.begun++;
    asked.mostAtOnce = Math.max(asked.mostAtOnce, ++asked.atOnce);
    await new Promise((resolve) => setTimeout(resolve, askMs));
    asked.atOnce--;
  };
  poll = pollWhileVisible(ask, 100, page as never);
  return { page, asked };
}

test("asks at once, and again a while after each answer", async () => {
  const { asked } = polling(50);
  expect(asked.begun).toBe(1);
  await vi.advanceTimersByTimeAsync(151);
  expect(asked.begun).toBe(2);
});

test("asks nothing while hidden, and at once when shown again", async () => {
  const { page, asked } = polling(10);
  await vi.advanceTimersByTimeAsync(20);
  page.become("hidden");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked.begun).toBe(1);
  page.become("visible");
  expect(asked.begun).toBe(2);
});

test("a question asked meanwhile waits for the one under way", async () => {
  const { asked } = polling(50);
  poll.now();
  poll.now();
  expect(asked.begun).toBe(1);
  await vi.advanceTimersByTimeAsync(60);
  expect(asked).toMatchObject({ begun: 2, mostAtOnce: 1 });
});

test("stops for good", async () => {
  const { page, asked } = polling(10);
  poll.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  page.become("visible");
  expect(asked.begun).toBe(1);
});
