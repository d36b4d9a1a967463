import { useEffect, useState } from "preact/hooks";
import type { Brought } from "./brought.ts";
import { broughtOf } from "./brought-store.ts";

/** @returns null: this browser brought nothing; undefined: it is looked for yet */
export function useBrought(jobId: string): Brought | null | undefined {
  const [brought, setBrought] = useState<Brought | null | undefined>(undefined);
  useEffect(() => {
    let isOpen = true;
    void broughtOf(jobId).then((found) => {
      if (isOpen) setBrought(found);
    });
    return () => {
      isOpen = false;
    };
  }, [jobId]);
  return brought;
}
