/**
 * What a request holds (room on the disk, a share of the memory) is given back once its response has gone out or its connection is lost, and the
 * work that was begun for it is over too: a client that hangs up ends no work.
 */
import type { FastifyReply, FastifyRequest } from "fastify";

const works = new WeakMap<FastifyRequest, Promise<unknown>>();

/** @returns what `work` returns. From now on what the request holds is held until then */
export function goesOn<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  const before = works.get(request);
  const begun = work();
  works.set(request, Promise.allSettled([before, begun]));
  return begun;
}

/** @param giveBack is called once */
export function whenOver(request: FastifyRequest, reply: FastifyReply, giveBack: () => void): void {
  reply.raw.once("close", async () => {
    for (let work = works.get(request), waited: typeof work; work !== waited; work = works.get(request)) {
      waited = work;
      await work;
    }
    giveBack();
  });
}
