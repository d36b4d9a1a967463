/** How many numbers a model holds at once while it runs: each tensor from the step that makes it to the last that takes it. */

export interface MemoryStep {
  readonly inputs: readonly string[];
  readonly outputs: readonly { readonly name: string; readonly size: number }[];
  /** Numbers that the step needs beside them, and lets go with its end. */
  readonly scratch?: number;
}

/**
 * Libraries run the steps in orders of their own, and with branches the order decides: this is the worst of those that they use.
 * @param given what is there from the beginning to the end: the model's input
 * @param steps each after those that it takes from; sizes are for one query; inputs that no step makes take no room here (weights)
 * @param output is kept to the end
 * @returns the most numbers that are held at once
 */
export function mostLiveNumbers(given: number, steps: readonly MemoryStep[], output: string): number {
  if (steps.reduce((ends, { inputs }) => ends + inputs.length, 0) > ENDS_FOLLOWED_MAX) return given + allNumbers(steps);
  const from = sourcesOf(steps);
  const orders = [steps.map((_, at) => at), depthFirst(from), depthFirst(from.map((all) => all.toReversed()))];
  orders.push(...breadthFirst(from));
  return Math.max(
    ...orders.map((order) =>
      mostLiveIn(
        order.map((at) => steps[at]!),
        given,
        output,
      ),
    ),
  );
}

/** Inputs of all steps together: many times those of any network that people made; beyond it all tensors are taken to be held. */
const ENDS_FOLLOWED_MAX = 100_000;

function allNumbers(steps: readonly MemoryStep[]): number {
  const made = steps.flatMap(({ outputs }) => outputs).reduce((sum, { size }) => sum + size, 0);
  return made + steps.reduce((most, { scratch = 0 }) => Math.max(most, scratch), 0);
}

function mostLiveIn(steps: readonly MemoryStep[], given: number, output: string): number {
  const lastUse = new Map<string, number>();
  steps.forEach(({ inputs, outputs }, at) => {
    for (const name of [...inputs, ...outputs.map((made) => made.name)]) lastUse.set(name, at);
  });
  lastUse.set(output, steps.length);
  const sizes = new Map<string, number>();
  let [held, most] = [given, given];
  for (const [at, { inputs, outputs, scratch = 0 }] of steps.entries()) {
    for (const { name, size } of outputs) {
      sizes.set(name, size);
      held += size;
    }
    most = Math.max(most, held + scratch);
    for (const name of new Set([...inputs, ...outputs.map((made) => made.name)])) {
      if (lastUse.get(name) !== at) continue;
      held -= sizes.get(name) ?? 0;
      sizes.delete(name);
    }
  }
  return most;
}

/** For each step the steps that it takes from. */
function sourcesOf(steps: readonly MemoryStep[]): number[][] {
  const maker = new Map<string, number>();
  return steps.map(({ inputs, outputs }, at) => {
    const sources = [...new Set(inputs.flatMap((name) => maker.get(name) ?? []))];
    for (const { name } of outputs) maker.set(name, at);
    return sources;
  });
}

/** From the last step back, each after what it takes: tfjs's layers and onnxruntime. */
function depthFirst(from: readonly (readonly number[])[]): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  for (let last = from.length - 1; last >= 0; last--) {
    const stack = [last];
    while (stack.length > 0) {
      const at = stack.at(-1)!;
      const missing = seen.has(at) ? [] : from[at]!.filter((source) => !seen.has(source));
      if (missing.length > 0) {
        stack.push(...missing);
        continue;
      }
      stack.pop();
      if (!seen.has(at)) order.push(at);
      seen.add(at);
    }
  }
  return order;
}

/** Whatever has all that it takes, what became ready first or last next: tfjs's graphs. */
function breadthFirst(from: readonly (readonly number[])[]): [number[], number[]] {
  const into: number[][] = from.map(() => []);
  from.forEach((sources, at) => {
    for (const source of sources) into[source]!.push(at);
  });
  const ordered = (next: (ready: number[], taken: number) => number): number[] => {
    const waits = from.map((sources) => sources.length);
    const order = [...waits.keys()].filter((at) => waits[at] === 0);
    const ready = [...order];
    for (let taken = 0; taken < from.length; taken++) {
      for (const at of into[next(ready, taken)]!) {
        if (--waits[at]! > 0) continue;
        order.push(at);
        ready.push(at);
      }
    }
    return order;
  };
  return [ordered((ready, taken) => ready[taken]!), ordered((ready) => ready.pop()!)];
}
