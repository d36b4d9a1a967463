import type { ComponentChildren } from "preact";
import { classTexts as texts } from "./class-texts.ts";

/** The whole window, for a projector: no navigation, which nobody in a class needs. */
export function ClassFrame({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <main class="class-page">
      <h1>{title}</h1>
      {children}
    </main>
  );
}

/** The class page until the coordinator has answered. */
export function FirstClass() {
  return (
    <ClassFrame title={texts.title}>
      <p class="class-note" role="status">
        {texts.looking}
      </p>
    </ClassFrame>
  );
}
