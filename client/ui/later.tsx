import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

/**
 * Draws its part of the page in a task of its own, after what stands outside of such parts, and in the order of the page: one task
 * that draws all of a page takes longer on a slow processor than a finger waits.
 */
export function Later({ children }: { children: ComponentChildren }) {
  const [isDue, setIsDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsDue(true));
    return () => clearTimeout(timer);
  }, []);
  return isDue ? children : null;
}
