/** Passes the first value on at once, then the latest one, once an interval at most. The last value is never lost. */
export function atMostEvery<Value>(intervalMs: number, pass: (value: Value) => void): (value: Value) => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let held: { value: Value } | null = null;

  function passHeld(): void {
    timer = null;
    if (held === null) return;
    const { value } = held;
    held = null;
    timer = setTimeout(passHeld, intervalMs);
    pass(value);
  }

  return (value) => {
    held = { value };
    if (timer === null) passHeld();
  };
}
