/**
 * Takes a Web Lock and never gives it back: the browser does so when the thread ends, whatever ended it, and whoever
 * waits for the lock learns it at once. (A Comlink call to a dead thread never settles.)
 */
export function holdLifeLock(name: string): Promise<void> {
  return new Promise((taken) => {
    const holdForever = () => {
      taken();
      return new Promise<never>(() => undefined);
    };
    // Without the lock the thread works all the same; its end is then noticed by deadlines alone.
    navigator.locks.request(name, holdForever).catch(() => taken());
  });
}
