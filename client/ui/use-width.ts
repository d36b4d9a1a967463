/** The width of an element in CSS pixels, kept up to date: pictures whose text must not shrink are drawn to it. */
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** @param before what is assumed until the element is there */
export function useWidth(place: RefObject<HTMLElement | null>, before: number): number {
  const [width, setWidth] = useState(before);
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const look = () => element.clientWidth > 0 && setWidth(element.clientWidth);
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    return () => observer.disconnect();
  }, [place]);
  return width;
}
