import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { pageTexts } from "./dashboard-texts.ts";

let isFirst = true;

/** The title of a page: whoever comes from another page is put here, so that a reader says where one is. */
export function PageHeading({ children, title }: { children: ComponentChildren; title: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = pageTexts.titled(title);
  }, [title]);
  useEffect(() => {
    // Not when the dashboard is opened: nobody has left anything yet.
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    if (!isFirst) scrollTo(0, 0);
    isFirst = false;
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
