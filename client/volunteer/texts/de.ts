/** The German of the volunteer's page, which says "du". As long as en.ts is. */
import { MODEL_BYTES_MAX, TAB_SHARD_CACHE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { VolunteerTexts } from "./en.ts";
import type { ClockWords, Formats } from "./formats.ts";
import type { WordsOfKinds } from "./text-types.ts";
import { timesTheWork } from "./threads-gain.ts";

const clock: ClockWords = {
  midnight: "Mitternacht",
  today: (clock) => `${clock} Uhr`,
  tomorrow: (clock) => `morgen, ${clock} Uhr`,
  weekday: (day, clock) => `${day}, ${clock} Uhr`,
};

const texts = ({
  bytes,
  clockTime,
  count,
  duration,
  inWords,
  list,
  percent,
  plural,
  ...formats
}: Formats): VolunteerTexts => ({
  frame: {
    name: "Paritab",
    nav: { label: "Seiten", volunteer: "Mitrechnen", dashboard: "Dashboard", operator: "Betrieb" },
    skip: "Zum Inhalt springen",
    footer: (version, build) => `Protokoll ${version}, Build ${build}. Freie Software unter Apache-2.0.`,
  },
  language: { label: "Sprache", failed: "Diese Sprache ließ sich nicht laden. Versuche es gleich noch einmal." },
  title: "Leihe diesen Tab einer Berechnung",
  lead: "Paritab verteilt Aufgaben des maschinellen Lernens auf Browser-Tabs und prüft, was zurückkommt. Dein Tab beantwortet einen kleinen Teil davon.",
  statusLabel: "Was dieser Tab gerade tut",
  wentOn: {
    update: "Die Seite wurde aktualisiert und hat von selbst weitergemacht.",
    visit:
      "Diese Seite macht weiter, wie du sie verlassen hast. Mit „Sofort stoppen“ beendest du das. Eine Regel weiter unten verhindert, dass sie von selbst weitermacht.",
  },
  forcedBackend: (backend) => `Diese Adresse erlaubt nur eine Rechenart: ${backend}.`,
  invited: "Diese Adresse bringt eine Einladung zu einem privaten Auftrag mit. Sie gilt, sobald du Start drückst.",
  invitation: {
    yours: "Du bist zu einem privaten Auftrag eingeladen: Dieser Browser bekommt einen Anteil seiner Daten.",
    taken:
      "Ein anderer Browser hat die Einladung in dieser Adresse schon benutzt, und jede Einladung lässt nur einen Browser ein. Bitte um einen neuen Link.",
    ended: "Der private Auftrag zur Einladung in dieser Adresse ist beendet.",
    unknown:
      "Dieser Koordinator kennt die Einladung in dieser Adresse nicht. Wurde der Link vollständig kopiert, und führt er zu diesem Koordinator?",
  },
  invitationAsked: "Der Koordinator wird nach der Einladung in dieser Adresse gefragt.",
  openJobs: "Dieser Tab arbeitet für offene Aufträge.",
  seat: {
    brought: "Diese Seite hat einen Code für einen Platz. Er gilt, sobald du Start drückst.",
    asked: "Der Koordinator wird nach dem Code für einen Platz gefragt.",
    yours: (number, sheet) => `Du sitzt auf Platz ${count(number)} von ${sheet}.`,
    refusals: {
      unknown: "Dieser Koordinator kennt den Code nicht. Vergleiche ihn Zeichen für Zeichen mit deinem Zettel.",
      taken: "Diesen Platz hat schon jemand anderes: Bitte deine Lehrerin oder deinen Lehrer um einen anderen Code.",
      elsewhere: "Der Code für einen Platz gilt in einem anderen Netz. Bist du im Netz deiner Klasse?",
      ended: "Der Code gilt nicht mehr: Bitte deine Lehrerin oder deinen Lehrer um einen anderen.",
    },
    worksAnyway: "Dieser Tab arbeitet ohne Platz.",
    title: "Ich habe einen Code von einem Zettel",
    hint: "Wer den Zettel gemacht hat, sieht, dass dieser Browser den Platz hat, seinen Spitznamen und wie viele Zeilen er berechnet hat.",
    code: "Code vom Zettel",
    use: "Code verwenden",
    isNone: "Ein Code hat acht Buchstaben und Ziffern; 0, O, 1, I, L und U kommen nicht vor.",
  },

  buttons: {
    start: "Start",
    pause: "Pause",
    resume: "Weiter",
    finish: "Fertig rechnen, dann stoppen",
    stop: "Sofort stoppen",
    label: "Steuerung",
    pauseFor: "Pause für",
    pauseHours: (hours) => plural(hours, "Stunde", "Stunden"),
    pauseUntilMorning: (morningMs, nowMs) => `bis ${clockTime(morningMs, nowMs)}`,
  },
  startNote: {
    before: "Bevor du Start drückst, wird nichts berechnet. Mit Start nimmst du die ",
    link: "Punkte unter „Bevor du startest“",
    after: " an.",
  },
  atStart: {
    costs: "Kosten",
    costsText: ({ threads, cores, intensity, watts, capMb, battery }) =>
      `${count(threads)} von ${plural(cores, "Prozessorkern", "Prozessorkernen")}, ${percent(intensity)} der Zeit, rund ${formats.rough(watts)} W. ` +
      (capMb === null
        ? `Datenverkehr: je Auftrag einmal das Modell (höchstens ${bytes(MODEL_BYTES_MAX)}), dann seine Zeilen. `
        : `Datenverkehr: höchstens ${count(capMb)} MB am Tag. `) +
      {
        never: "Im Akkubetrieb nichts.",
        unknown: "Dein Browser meldet keinen Akku: Schließe einen Laptop ans Netz an.",
        also: "Auch im Akkubetrieb.",
      }[battery],
    gains: "Nutzen",
    gainsUnknown: "Alle, die hier Aufträge stellen. Diese Seite nennt jeden Auftrag und für wen er ist.",
    gainsNobodyYet:
      "Im Moment niemand: Es läuft kein Auftrag. Später alle, die einen stellen; diese Seite nennt ihn und für wen er ist.",
    gainsNone: "Niemand: Du hast alle laufenden Aufträge abgelehnt.",
    gainsText: (jobs, more) =>
      list([
        ...jobs.map(({ name, submitter }) => `${submitter} („${name}“)`),
        ...(more === 0 ? [] : [plural(more, "weiterer Auftrag", "weitere Aufträge")]),
      ]),
    stops: "Ende",
    stopsText: (goesOn) =>
      goesOn
        ? "Sobald du „Sofort stoppen“ drückst. Auch wenn du die Seite schließt, bis du sie wieder öffnest."
        : "Sobald du „Sofort stoppen“ drückst oder die Seite schließt.",
  },
  intensity: {
    label: "Intensität",
    value: (share) => percent(share),
    hint: (share) =>
      share >= 1 ? "Rechnet die ganze Zeit." : `Rechnet ${percent(share)} der Zeit und ruht dazwischen.`,
  },

  activity: {
    notStarted: {
      title: "Nicht gestartet",
      sentence: "Drücke Start, um diesen Tab zu leihen. Bis dahin tut er nichts.",
    },
    stopped: {
      title: "Gestoppt",
      sentence: "Die Verbindung ist getrennt, und nichts wird berechnet. Du kannst jederzeit wieder starten.",
    },
    finished: {
      title: "Fertig",
      sentence: "Das letzte Paket wurde zu Ende gerechnet und gesendet, die Verbindung ist getrennt. Danke.",
    },
    calibrating: {
      title: "Macht sich bereit",
      sentence: "Probiert, welcher Teil deines Geräts am schnellsten rechnet, und ob er richtig rechnet.",
    },
    connecting: {
      title: "Verbindet sich",
      sentence: "Öffnet eine Verbindung zum Koordinator und weist den Schlüssel dieses Browsers nach.",
    },
    reconnecting: (why, inMs) => ({
      title: "Verbindet sich neu",
      sentence: `${why} ${inMs < 1_000 ? "Neuer Versuch jetzt." : `Neuer Versuch in ${Math.ceil(inMs / 1_000)} s.`}`,
    }),
    waiting: {
      title: "Wartet auf Arbeit",
      sentence: "Untätig, weil gerade kein Auftrag ein Paket für diesen Tab hat. Das nächste beginnt von selbst.",
    },
    probe: {
      title: "Macht den Eingangstest",
      sentence: "Beantwortet eine Frage, deren Antwort der Koordinator kennt.",
      what: "Ein Eingangstest: Rechnet dieses Gerät richtig?",
    },
    anyAssignment: {
      title: "Rechnet",
      sentence: "Arbeitet am Auftrag unten.",
      what: "Eine Berechnung, die auf viele Tabs verteilt ist.",
    },
    resting: (inMs) => ({
      title: "Ruht",
      sentence: `Zwischen zwei Paketen, wie es deine Intensität verlangt. Das nächste kann ${inMs < 1_000 ? "jetzt" : `in ${Math.ceil(inMs / 1_000)} s`} beginnen.`,
    }),
    updating: {
      title: "Wird aktualisiert",
      sentence: "Der Koordinator liefert eine neuere Fassung dieser Seite. Sie wird neu geladen.",
    },
    pleaseReload: {
      title: "Bitte neu laden",
      sentence:
        "Der Koordinator liefert eine andere Fassung dieser Seite, und ein erneutes Laden hat sie nicht gebracht. Lade die Seite noch einmal ohne Cache.",
    },
    elsewhere: {
      title: "Läuft schon in einem anderen Tab",
      sentence:
        "In einem Browser arbeitet immer nur ein Tab: Zwei würden sich denselben Prozessor teilen. Stoppe den anderen Tab, um hier zu starten.",
    },
  },
  holds: {
    title: "Pausiert",
    finishingTitle: "Rechnet fertig",
    finishing: "Rechnet das letzte Paket fertig und stoppt dann. Neues wird nicht angenommen.",
    paused: "Von dir pausiert. Drücke Weiter, um fortzufahren.",
    pausedUntil: (untilMs, nowMs) => `Von dir pausiert bis ${clockTime(untilMs, nowMs)}.`,
    schedule: (untilMs, nowMs) => `Pausiert bis ${clockTime(untilMs, nowMs)}, nach deinem Zeitplan.`,
    emptySchedule: "Pausiert nach deinem Zeitplan, der keine einzige Stunde enthält.",
    battery: "Pausiert, weil dein Gerät im Akkubetrieb läuft. Es geht weiter, sobald es am Netz ist.",
    "in-use": "Pausiert, solange du deinen Computer benutzt. Es geht weiter, wenn du eine Minute weg warst.",
    "save-data": "Pausiert, weil dein Browser Websites bittet, Daten zu sparen.",
    cellular: "Pausiert, weil dein Gerät im Mobilfunknetz ist. Es geht weiter, sobald es WLAN oder ein Kabel hat.",
    "data-cap": (capMb, untilMs, nowMs) =>
      `Pausiert bis ${clockTime(untilMs, nowMs)}: Die ${count(capMb)} MB für heute sind verbraucht.`,
    pressure:
      "Pausiert, weil andere Programme deinen Computer stark auslasten oder er heiß ist. Es geht eine halbe Minute danach behutsam weiter.",
    "pressure-look": "Hält einige Sekunden an, um zu sehen, ob die Last deines Computers von diesem Tab kommt.",
    batchInHand: "Das begonnene Paket wird noch fertig gerechnet.",
    change: "Diese Regel ändern",
  },
  eased: (share, loadOf) => {
    const pace = `Deine Intensität ist vorübergehend ${share === 0.5 ? "halbiert" : "geviertelt"}`;
    if (loadOf === "own") return `${pace}: Die Arbeit dieses Tabs lastet deinen Computer aus.`;
    if (loadOf === "others") return `${pace}: Andere Programme lasten deinen Computer aus.`;
    return `${pace}, weil dein Computer beschäftigt oder heiß ist.`;
  },

  losses: {
    unreachable: "Der Koordinator ist nicht erreichbar.",
    lost: "Die Verbindung ist abgerissen.",
    offline: "Dieses Gerät ist offline.",
    slept: "Dieser Computer hat geschlafen.",
    "no-welcome": "Der Koordinator hat auf die Begrüßung nicht geantwortet.",
    overloaded: "Der Koordinator hat so viele Tabs, wie er bedienen kann.",
    unresponsive: "Der Koordinator hat von diesem Tab nicht rechtzeitig gehört.",
    "seat-ended": "Dein Platz gilt nicht mehr: Dieser Tab rechnet ohne ihn weiter.",
    "shutting-down": "Der Koordinator startet neu.",
    "seat-code": "Dieser Tab meldet sich noch einmal, mit seinem Code für einen Platz.",
    elsewhere: "Ein anderer Koordinator dieses Dienstes hat Arbeit für diesen Tab.",
    other: "Der Koordinator hat die Verbindung geschlossen.",
  },
  refusals: {
    "wrong-answers": {
      title: "Dein Gerät hat eine andere Antwort gegeben",
      sentence:
        "Eine Stichprobe seiner Ergebnisse fiel beim Nachrechnen anders aus, deshalb schickt dieser Koordinator ihm keine Arbeit mehr. Das " +
        "passiert auch ehrlichen Geräten: durch einen überhitzten oder übertakteten Prozessor, fehlerhaften Speicher oder einen ungenauen Grafiktreiber.",
    },
    banned: {
      title: "Von diesem Koordinator gesperrt",
      sentence:
        "Wer diesen Koordinator betreibt, nimmt von diesem Browser oder seinem Netz keine Arbeit an. Das hat ein Mensch entschieden; es sagt nichts über " +
        "deine Antworten. Die Arbeit, die dieser Browser hatte, haben andere Freiwillige bekommen.",
    },
    "too-many-sessions": {
      title: "Zu viele Tabs",
      sentence: "Zu viele Tabs mit dem Schlüssel dieses Browsers sind verbunden. Schließe einen und starte neu.",
    },
    other: { title: "Nicht verbunden", sentence: "Der Koordinator nimmt diesen Tab nicht an." },
  },
  breakages: {
    "insecure-context": {
      title: "Diese Adresse ist nicht sicher",
      sentence:
        "Browser erlauben Schlüssel und Sperren nur auf https://-Adressen und auf localhost. Frage den Betreiber dieses Koordinators nach " +
        "der https://-Adresse; ein Reverse-Proxy wie Caddy richtet eine in einer Minute ein.",
    },
    "no-identity": {
      title: "Kein Schlüssel",
      sentence:
        "Dieser Browser konnte keinen Schlüssel erzeugen oder behalten. Private Fenster mancher Browser verbieten es.",
    },
    "no-back-end": {
      title: "Kann hier nicht rechnen",
      sentence: "Kein Teil dieses Browsers berechnet die Testfrage richtig.",
    },
    "compute-thread": {
      title: "Nach Fehlern gestoppt",
      sentence:
        "Der rechnende Teil dieser Seite ist mehrmals abgebrochen. Drücke Start, um es noch einmal zu versuchen.",
    },
  },
  saysCoordinator: (message) => `Der Koordinator sagt: „${message}“`,

  now: {
    title: "Arbeitet gerade an",
    job: "Auftrag",
    latestJob: "Letzter Auftrag",
    noJob: "noch keiner",
    nothing: "–",
    submitter: "Für",
    what: "Was es ist",
    purpose: "Wofür",
    batch: "Paket",
    batchText: (rows) => plural(rows, "Zeile", "Zeilen"),
    data: "Daten",
    dataText: (receivedBytes, sentBytes) =>
      `${bytes(receivedBytes)} Zahlen kamen herein, ${bytes(sentBytes)} gehen hinaus`,
    progress: "Wie weit der Auftrag ist",
    test: "Eingangstest",
    testFor: "den Koordinator",
    testPurpose: "Der Koordinator erfährt, wie genau dieses Gerät rechnet.",
    purposeText: (purpose) => `„${purpose}“`,
    follow: "Diesen Auftrag verfolgen",
    refuse: "Nein zu diesem Auftrag",
  },
  facts: {
    title: "Bisher",
    credit: "Geprüfte Arbeit",
    creditUnit: "Multiplikationen",
    creditText: (macs) => inWords(macs),
    creditNote: (passed, next) =>
      "Unter deinem Schlüssel, über alle Besuche. Jede Arbeit zählt einmal, nachdem ihre Antworten geprüft wurden. " +
      (passed === null
        ? `Erster Meilenstein: ${inWords(next)}.`
        : `${inWords(passed)} erreicht; als Nächstes: ${inWords(next)}.`),
    speed: "Tempo jetzt",
    speedText: (perSecond) => inWords(Math.round(perSecond)),
    speedUnit: "pro Sekunde",
    noSpeed: "noch nicht bekannt",
    noSpeedNow: "keins",
    speedNote: "Geprüfte Multiplikationen der letzten Minute, Ruhe- und Wartezeiten eingerechnet.",
    done: "Pakete seit dem letzten Start",
    doneNote: (verified, late, failed, cancelled) => {
      const parts = [
        late > 0 ? `${count(late)} zu spät` : "",
        cancelled > 0 ? `${count(cancelled)} nicht mehr gebraucht` : "",
        failed > 0 ? `${count(failed)} nicht berechenbar` : "",
      ].filter((part) => part !== "");
      const besides = parts.length === 0 ? "" : ` Außerdem: ${parts.join(", ")}.`;
      return `${count(verified)} bisher geprüft.${besides}`;
    },
    energy: "Energie seit dem letzten Start",
    energyText: (wh) => formats.wattHours(wh),
    energyNote: (computedMs, watts) =>
      `Eine Schätzung: ${duration(computedMs)} Rechenzeit mal ${count(watts)} W je Thread. Die Watt kannst du unter „Deine Regeln“ einstellen.`,
    traffic: "Datenverkehr seit dem letzten Start",
    trafficText: (size) => bytes(size),
    trafficNote: (todayBytes) => `${bytes(todayBytes)} heute.`,
    backend: "Rechnet mit",
    backends: { webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript", webgpu: "WebGPU" },
    noBackend: "noch nicht gewählt",
    candidateTime: (name, ms) => `${name} ${duration(ms)}`,
    candidateOut: (name) => `${name} nicht brauchbar`,
    key: "Dein Schlüssel",
    noKey: "entsteht beim ersten Start",
    lastError: "Letztes Problem",
    choice: (modelSha256, backend) => `Modell ${modelSha256.slice(0, 8)} wird mit ${backend} berechnet.`,
    choiceTime: (backend, msPerRow) => `${backend}: ${formats.rough(msPerRow)} ms je Zeile`,
    choiceOut: (backend, problem) => `${backend} wird nicht benutzt: ${problem}`,
    unfit: (jobName) => `Nicht für „${jobName}“:`,
  },
  choose: {
    title: "Wofür du arbeitest",
    atWork: "Laufende Aufträge",
    asking: "Der Koordinator wird gefragt …",
    none: "Im Moment läuft kein Auftrag.",
    takesAny: "Dieser Tab nimmt jeden Auftrag, der kommt.",
    more: (jobs) => `Und ${plural(jobs, "weiterer Auftrag", "weitere Aufträge")}.`,
    forWhom: (submitter) => `für ${submitter}`,
    what: (kind) => `${kind}:`,
    left: (share) => ` (${percent(1 - share)} übrig)`,
    refuse: "Nein",
    refuseNamed: (name) => `Nein zu ${name}`,
    take: "Doch annehmen",
    takeNamed: (name) => `Doch annehmen: ${name}`,
    refused: "Du hast ihn abgelehnt.",
    otherProject: "Gehört nicht zu deinen Projekten.",
    projects: "Projekte: für wen die Aufträge sind",
    all: "Alle",
    these: "Nur diese",
    noProject: "Keins ist ausgewählt, also bekommt dieser Tab keine Arbeit.",
    checksToo:
      "Ein „Nein“ gilt sofort, und deine Arbeit zählt wie zuvor. Eines ändert sich: Wenn du deine Aufträge auswählst, prüfst du bei ihnen nicht die Arbeit anderer.",
    doesNotCheck:
      "Du hast ausgewählt, deshalb sollst du bei diesen Aufträgen nicht die Arbeit anderer prüfen. Sonst könnte eine Gruppe einen Auftrag aussuchen und füreinander bürgen. Deine eigene Arbeit zählt wie zuvor.",
  },
  helped: {
    title: "Aufträge, bei denen du geholfen hast",
    columns: { job: "Auftrag", submitter: "Für", progress: "Wie weit" },
    unknown: "nicht mehr bekannt",
    ends: {
      done: "fertig",
      stopped: "vorzeitig beendet",
      diverged: "divergiert",
      failed: "gescheitert",
      cancelled: "abgebrochen",
    },
    follow: (name) => `${name} verfolgen`,
  },
  news: {
    title: "Seit deinem letzten Besuch",
    gone: "wurde gelöscht, oder der Koordinator bewahrt ihn nicht mehr auf.",
    ended: (end, progress, own) => `${end}, ${progress}. ${own}`,
  },
  history: {
    title: "Letzte Pakete",
    columns: { job: "Auftrag", submitter: "Für", work: "Arbeit", time: "Zeit", outcome: "Ergebnis" },
    work: (work) =>
      work === "shard" ? "Anteil der Daten" : work === "batch" ? "Paket" : work === "product" ? "Produkt" : work,
    outcomes: { answered: "gesendet", late: "kam zu spät", cancelled: "nicht gebraucht", failed: "nicht berechenbar" },
  },
  days: {
    title: "Deine Tage",
    shortDay: formats.shortDay,
    today: "heute",
    chart: (days) => `Geprüfte Multiplikationen je Tag, die letzten ${plural(days, "Tag", "Tage")}`,
    day: (day, macs, batches, computedMs) =>
      `${formats.shortDay(day)}: ${inWords(macs)} Multiplikationen, ${plural(batches, "Paket", "Pakete")}, ${duration(computedMs)} Rechenzeit`,
    sum: (days, macs, computedMs, wh) =>
      `${plural(days, "Tag", "Tage")} mit Arbeit in diesem Browser: ${inWords(macs)} geprüfte Multiplikationen, ${duration(computedMs)} Rechenzeit, rund ${formats.wattHours(wh)}.`,
  },
  how: {
    title: "So funktioniert es",
    steps: [
      "Die Fragen eines Auftrags gehen in kleinen Paketen hinaus: manche, wie sie sind, manche als Mischung aus mehreren. Ein Auftrag, der mit Daten trainiert, schickt jedem Tab eine Mischung der Daten, die er behält, solange der Auftrag läuft.",
      "Ist ein Tab langsam oder wird er geschlossen, ersetzen die Mischungen seine Antworten, damit niemand auf ihn wartet.",
      "Der Koordinator lässt geheime Stichproben nachrechnen. Er findet Antworten, die abweichen, und andere Tabs machen diese Arbeit neu.",
    ],
    picture:
      "Fünf Tabs: Vier haben Fragen, einer eine Mischung davon. Eine Antwort fehlt, und die Mischung füllt die Lücke.",
  },
  consent: {
    title: "Bevor du startest",
    items: (host, operatedBy) => [
      {
        term: "Wer dahintersteht",
        text: `${operatedBy === null ? "" : `${operatedBy}. `}Der Koordinator unter ${host}. Wer ihn betreibt, wählt die Aufträge aus. Während du an einem Auftrag arbeitest, nennt diese Seite den Auftrag und für wen er ist.`,
      },
      {
        term: "Was hier läuft",
        text: "Nur der Code dieser Seite: feste Rechenroutinen in einem Hintergrund-Thread. Aufträge bringen Modelle und Zahlen als Daten mit, niemals Code. Es werden keine Coins geschürft.",
      },
      {
        term: "Was in diesem Tab bleibt",
        text: `Solange er läuft, hält sein Speicher die Modelle, die er bekommen hat, und bei Aufträgen, die mit Daten trainieren, einen kodierten Anteil dieser Daten: bis zu ${bytes(TAB_SHARD_CACHE_BYTES_MAX)} je Rechen-Thread. Stoppst du oder schließt den Tab, ist alles weg. Der Anteil wird nie auf deine Festplatte geschrieben.`,
      },
      {
        term: "Was dein Gerät verlässt",
        text: "Die Antworten, die aus den Zeilen des Auftrags berechnet wurden, wie lange das dauerte, womit gerechnet wurde, welche deiner Regeln den Tab pausiert, ein öffentlicher Schlüssel und, wenn du sie angibst, Spitzname und Team: Diese kann jeder lesen. Nichts aus deinen Dateien, deinem Verlauf oder anderen Tabs.",
      },
      {
        term: "Wer du bist",
        text: "Kein Konto. Ein Schlüssel, der in diesem Browser entsteht, weist nach, dass frühere Arbeit von dir war; seine geheime Hälfte kann den Browser nicht verlassen. Löschst du die Daten dieser Website, ist er vergessen. Mit einem Link, den du erzeugst, arbeitet ein anderes Gerät unter deinem Namen.",
      },
      {
        term: "Wie lange es läuft",
        text: "Bis du stoppst. Lädst du diese Seite neu oder öffnest du sie an einem anderen Tag, macht sie weiter, wie du sie verlassen hast, pausiert, falls sie pausiert war; eine Regel schaltet das ab.",
      },
      {
        term: "Was es dich kostet",
        text: "Prozessorzeit, Strom und etwas Datenverkehr, in den Grenzen, die du setzt. Ein Laptop kann warm werden.",
      },
      {
        term: "Vertrauen gilt in beide Richtungen",
        text: "Geheime Stichproben der Antworten werden nachgerechnet. Weichen sie ab, machen andere Tabs die Arbeit neu, und dieses Gerät bekommt keine mehr.",
      },
    ],
  },
  rules: {
    title: "Deine Regeln",
    note: "Deine Regeln gelten sofort, und dieser Browser merkt sie sich.",
    doesNotTell: "Dein Browser verrät das nicht, deshalb hat diese Regel hier keine Wirkung.",
    mains: "Nur am Stromnetz",
    mainsNow: {
      mains: "Jetzt am Stromnetz.",
      battery: "Jetzt im Akkubetrieb.",
      unknown: "Dein Browser hat es noch nicht gesagt.",
    },
    pressure: "Zurückhalten, wenn der Computer beschäftigt oder heiß ist",
    pressureHint:
      "Der Tab arbeitet weniger, solange dein Computer ausgelastet ist. Er pausiert nur bei Last anderer Programme, die nach dem Start begann und minutenlang kritisch bleibt, nie wegen seiner eigenen.",
    idle: "Nur während ich weg bin",
    idleHint: "Eine Minute ohne Tastatur und Maus. Dein Browser fragt dich einmal, ob diese Seite das wissen darf.",
    idleNow: {
      idle: "Du bist gerade weg.",
      active: "Du bist gerade da.",
      unknown: "Dein Browser hat es noch nicht gesagt.",
    },
    idleRefused: "Die Erlaubnis, Abwesenheit zu erkennen, wurde verweigert; deshalb ist diese Regel aus.",
    saveData: "Nicht, während mein Browser Daten spart",
    saveDataHint: "Manche Browser haben eine Einstellung, die jede Website bittet, Daten zu sparen.",
    cellular: "Nicht im Mobilfunknetz",
    cellularHint: "Nur im WLAN oder am Kabel.",
    dataCap: "Datenverkehr eines Tages begrenzen",
    dataCapUnit: "MB am Tag",
    schedule: "Nur zu bestimmten Stunden",
    scheduleHint: "Nach der Uhr dieses Geräts. Ein Ende, das nicht nach dem Anfang liegt, ist am nächsten Tag.",
    weekdays: formats.weekdays,
    from: (day) => `${day}, von`,
    to: (day) => `${day}, bis`,
    hour: (hour) => `${String(hour).padStart(2, "0")}:00`,
    presets: {
      label: "Alle Tage auf",
      always: "ganztags",
      nights: "nachts",
      evenings: "abends und am Wochenende",
    },
    threads: "Rechen-Threads",
    threadsUnasked: (threads) => `${count(threads)}, wie es zu diesem Gerät passt`,
    threadsHint: (cores, threads) => {
      const gain =
        threads > 1
          ? ` ${count(threads)} Threads schaffen etwa das ${count(timesTheWork(threads))}-Fache von einem.`
          : "";
      return `Dieses Gerät hat ${plural(cores, "Prozessorkern", "Prozessorkerne")}.${gain} Gilt ab dem nächsten Start.`;
    },
    nickname: "Spitzname",
    nicknameHint: "Für die Rangliste. Leer: keiner. Gilt ab dem nächsten Start.",
    team: "Team",
    teamHint:
      "Derselbe Name wie bei deinen Freunden: Deine geprüfte Arbeit zählt für ihn. Leer: keins. Gilt ab dem nächsten Start.",
    goesOn: "Weitermachen, wenn diese Seite wieder geöffnet wird",
    goesOnHint: "Sofern du nicht gestoppt hast: nach dem Neuladen oder an einem anderen Tag; pausiert, falls pausiert.",
    screen: "Bildschirm anlassen, während dieser Tab arbeitet",
    screenHint:
      "Ein Handy, das dunkel wird, hält seine Tabs an. Zunächst aus, weil ein Bildschirm mehr Strom braucht als ein ruhender Prozessor.",
    screenNow: {
      unknown: "Dein Browser kann keinen Bildschirm anlassen, deshalb bewirkt diese Regel hier nichts.",
      off: "Der Bildschirm bleibt an, während der Tab arbeitet und zu sehen ist, nicht während er pausiert.",
      on: "Der Bildschirm bleibt jetzt an.",
      refused: "Dein Browser lässt den Bildschirm gerade nicht an; ein fast leerer Akku ist ein möglicher Grund.",
    },
    watts: "Watt je ausgelastetem Thread",
    wattsHint:
      "Für die Schätzung der Energie. 10 W passen zu einem Laptop; ein Messgerät an der Steckdose weiß es besser.",
  },
  leaderboard: {
    title: "Rangliste",
    note: "Nach geprüften Multiplikationen. Nur geprüfte Arbeit zählt.",
    none: "Hier hat noch niemand geprüfte Arbeit.",
    columns: { rank: "Platz", name: "Spitzname", macs: "Geprüft" },
    you: "du",
    failed: "Die Rangliste ließ sich nicht laden.",
  },
  teams: {
    title: "Teams",
    note: "Ein Team ist ein Name, den mehrere Freiwillige unter „Deine Regeln“ angeben. Die Summe eines Teams ist die geprüfte Arbeit seiner jetzigen Mitglieder.",
    none: "Hier hat noch kein Team geprüfte Arbeit. Gib unter „Deine Regeln“ einen Namen an, um eins zu gründen.",
    columns: { rank: "Platz", name: "Team", members: "Mitglieder", macs: "Geprüft" },
    yours: "deins",
    failed: "Die Teams ließen sich nicht laden.",
  },
  phone: {
    title: "Nimm dein Handy dazu",
    text: "Scanne dies mit einem anderen Gerät, um diese Seite dort zu öffnen.",
    picture: (address) => `QR-Code von ${address}`,
    local:
      "Nur dieser Computer kann diese Adresse öffnen. Um ein Handy zu leihen, frage den Betreiber des Koordinators nach der https://-Adresse.",
    insecure:
      "Ein Handy könnte diese Adresse öffnen, aber Browser rechnen nur auf https://-Adressen. Frage den Betreiber des Koordinators nach einer.",
    install: "Als App installieren",
    installHint: "Legt diese Seite zu deinen Apps, in ein eigenes Fenster.",
  },
  devices: {
    title: "Ein weiteres Gerät von dir",
    under: (owner) => `Dieses Gerät arbeitet unter dem Namen ${owner}: Seine Arbeit zählt für diesen Namen.`,
    text: "Ein Link, mit dem ein anderer Computer oder ein Handy unter deinem Namen arbeitet. Jedes Gerät hat einen eigenen Schlüssel und eine eigene Bilanz. Deine Geräte prüfen einander nie.",
    make: "Link erzeugen",
    picture: "QR-Code des Links für dein anderes Gerät",
    copy: "Link kopieren",
    until: "Öffne ihn dort innerhalb einer Stunde und drücke Start.",
    failed: (message) => `Kein Link: ${message}`,
  },
  tabTitle: (title, active) => `${active ? "● " : ""}${title} · Paritab`,
  kinds: kinds(count, plural),
});

const kinds = (count: Formats["count"], plural: Formats["plural"]): WordsOfKinds => ({
  inference: {
    name: "Inferenz",
    assignments: {
      batch: {
        title: "Rechnet",
        sentence: "Arbeitet an einem Paket des Auftrags unten.",
        what: "Ein trainiertes Netz beantwortet Fragen. Du schickst ein Paket davon hindurch.",
      },
    },
    progress: (done, all) => `${count(done)} von ${plural(all, "Antwort", "Antworten")} endgültig`,
    own: ({ rows }) => `Dieser Browser hat ${plural(rows, "Zeile", "Zeilen")} davon berechnet.`,
  },
  regression: {
    name: "Regression",
    assignments: codedAssignments,
    progress: (done, all) => `${count(done)} von ${plural(all, "Trainingsschritt", "Trainingsschritten")}`,
    own: ({ batches }) => `Dieser Browser hat dafür ${plural(batches, "Paket", "Pakete")} berechnet.`,
  },
  matmul: {
    name: "Produkt von Matrizen",
    assignments: codedAssignments,
    progress: (done, all) => `${count(done)} von ${plural(all, "Teil des Produkts", "Teilen des Produkts")}`,
    own: ({ batches }) => `Dieser Browser hat dafür ${plural(batches, "Paket", "Pakete")} berechnet.`,
  },
});

const codedAssignments: WordsOfKinds["regression"]["assignments"] = {
  shard: {
    title: "Holt einen Anteil der Daten",
    sentence:
      "Der Anteil bleibt im Speicher dieses Tabs, damit er für alle Schritte des Auftrags unten nur einmal geholt wird.",
    what: "Eine Berechnung mit kodierten Daten. Du holst deinen Anteil der Zahlen.",
  },
  product: {
    title: "Rechnet",
    sentence: "Multipliziert den Anteil der Daten dieses Tabs für den Auftrag unten.",
    what: "Eine Berechnung mit kodierten Daten. Du multiplizierst deinen Anteil der Zahlen.",
  },
};

export const german = { address: import.meta.url, clock, texts };
