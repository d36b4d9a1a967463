/** Times with whom they are of, the earliest first; two arrays, so that ten thousand volunteers make no garbage. */
export class EventHeap {
  private readonly times: number[] = [];
  private readonly volunteers: number[] = [];

  get size(): number {
    return this.times.length;
  }

  push(time: number, volunteer: number): void {
    let at = this.times.length;
    this.times.push(time);
    this.volunteers.push(volunteer);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (this.times[above]! <= time) break;
      this.move(above, at);
      at = above;
    }
    this.put(at, time, volunteer);
  }

  /** @throws Error where nothing is left */
  pop(): { readonly time: number; readonly volunteer: number } {
    const [time, volunteer] = [this.times[0], this.volunteers[0]];
    if (time === undefined || volunteer === undefined) throw new Error("EventHeap.pop: expected an event, got none");
    const [lastTime, last] = [this.times.pop()!, this.volunteers.pop()!];
    if (this.times.length > 0) this.sink(lastTime, last);
    return { time, volunteer };
  }

  private sink(time: number, volunteer: number): void {
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= this.times.length) break;
      if (below + 1 < this.times.length && this.times[below + 1]! < this.times[below]!) below++;
      if (this.times[below]! >= time) break;
      this.move(below, at);
      at = below;
    }
    this.put(at, time, volunteer);
  }

  private move(from: number, to: number): void {
    this.put(to, this.times[from]!, this.volunteers[from]!);
  }

  private put(at: number, time: number, volunteer: number): void {
    this.times[at] = time;
    this.volunteers[at] = volunteer;
  }
}
