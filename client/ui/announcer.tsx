import { useEffect, useState } from "preact/hooks";

const QUIET_MS = 1_000;

/** Tells screen readers what stays true for a moment; what flickers by is not read out. */
export function Announcer({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <p class="visually-hidden" role="status" aria-live="polite">
      {said}
    </p>
  );
}
