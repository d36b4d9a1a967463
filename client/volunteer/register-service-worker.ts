/** Where there is no secure context there are no service workers; the page works without one all the same. */
export function registerServiceWorker(): void {
  if (!("serviceWorker" in navigator)) return;
  // After everything that the page itself needs.
  const register = () => void navigator.serviceWorker.register("/service-worker.js").catch(() => undefined);
  if (document.readyState === "complete") register();
  else addEventListener("load", register, { once: true });
}
