import { useEffect, useState } from "preact/hooks";

/** The time, anew every `everyMs` while `active`: for countdowns and "3 s ago". */
export function useNow(everyMs: number, active = true): number {
  const [nowMs, setNowMs] = useState(Date.now);
  useEffect(() => {
    if (!active) return;
    setNowMs(Date.now());
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, active]);
  return nowMs;
}
