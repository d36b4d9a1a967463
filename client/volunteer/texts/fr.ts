/** The French of the volunteer's page, which says "vous". Before : ; ? ! and inside « » stand no-break spaces. As long as en.ts is. */
import { MODEL_BYTES_MAX, TAB_SHARD_CACHE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { VolunteerTexts } from "./en.ts";
import type { ClockWords, Formats } from "./formats.ts";
import type { WordsOfKinds } from "./text-types.ts";
import { timesTheWork } from "./threads-gain.ts";

const clock: ClockWords = {
  midnight: "minuit",
  today: (clock) => clock,
  tomorrow: (clock) => `demain à ${clock}`,
  weekday: (day, clock) => `${day} à ${clock}`,
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
    nav: { label: "Pages", volunteer: "Participer", dashboard: "Tableau de bord", operator: "Exploitation" },
    skip: "Aller au contenu",
    footer: (version, build) => `Protocole ${version}, version ${build}. Logiciel libre sous licence Apache-2.0.`,
  },
  language: { label: "Langue", failed: "Cette langue n’a pas pu être chargée. Réessayez dans un instant." },
  title: "Prêtez cet onglet à un calcul",
  lead: "Paritab répartit des tâches d’apprentissage automatique entre des onglets de navigateur et vérifie ce qui en revient. Votre onglet en traite une petite part.",
  statusLabel: "Ce que fait cet onglet",
  wentOn: {
    update: "La page a été mise à jour et a repris d’elle-même.",
    visit:
      "Cette page reprend là où vous l’aviez laissée. Appuyez sur « Arrêter tout de suite » pour y mettre fin. Une règle plus bas l’empêche de reprendre d’elle-même.",
  },
  forcedBackend: (backend) => `Cette adresse n’autorise qu’un seul moteur de calcul : ${backend}.`,
  invited: "Cette adresse apporte une invitation à une tâche privée. Elle sert au moment où vous appuyez sur Démarrer.",
  invitation: {
    yours: "Vous êtes invité à une tâche privée : ce navigateur reçoit une part de ses données.",
    taken:
      "Un autre navigateur a utilisé l’invitation de cette adresse, et une invitation n’admet qu’un seul navigateur. Demandez un autre lien à l’expéditeur.",
    ended: "La tâche privée de l’invitation de cette adresse est terminée.",
    unknown:
      "Ce coordinateur ne connaît pas l’invitation de cette adresse. Le lien a-t-il été copié en entier, et mène-t-il bien à ce coordinateur ?",
  },
  invitationAsked: "Le coordinateur est interrogé sur l’invitation de cette adresse.",
  openJobs: "Cet onglet travaille pour les tâches ouvertes à tous.",
  seat: {
    brought: "Cette page a un code pour une place. Il sert au moment où vous appuyez sur Démarrer.",
    asked: "Le coordinateur est interrogé sur le code pour une place.",
    yours: (number, sheet) => `Vous occupez la place ${count(number)} de ${sheet}.`,
    refusals: {
      unknown: "Ce coordinateur ne connaît pas ce code. Comparez-le avec votre feuille, signe par signe.",
      taken: "Quelqu’un d’autre occupe cette place : demandez un autre code à votre professeur.",
      elsewhere: "Ce code vaut pour un autre réseau. Êtes-vous sur le réseau de votre classe ?",
      ended: "Ce code n’est plus valable : demandez-en un autre à votre professeur.",
    },
    worksAnyway: "Cet onglet travaille sans place.",
    title: "J’ai un code d’une feuille",
    hint: "La personne qui a fait la feuille voit que ce navigateur occupe la place, son pseudonyme, et combien de lignes il a calculées.",
    code: "Code de la feuille",
    use: "Utiliser le code",
    isNone: "Un code a huit lettres et chiffres, sans 0, O, 1, I, L ni U.",
  },

  buttons: {
    start: "Démarrer",
    pause: "Pause",
    resume: "Reprendre",
    finish: "Finir, puis arrêter",
    stop: "Arrêter tout de suite",
    label: "Commandes",
    pauseFor: "Pause de",
    pauseHours: (hours) => plural(hours, "heure", "heures"),
    pauseUntilMorning: (morningMs, nowMs) => `jusqu’à ${clockTime(morningMs, nowMs)}`,
  },
  startNote: {
    before: "Rien n’est calculé avant que vous appuyiez sur Démarrer. En appuyant sur Démarrer, vous acceptez les ",
    link: "points de « Avant de commencer »",
    after: ".",
  },
  atStart: {
    costs: "Coût",
    costsText: ({ threads, cores, intensity, watts, capMb, battery }) =>
      `${plural(threads, "cœur de processeur", "cœurs de processeur")} sur ${count(cores)} pendant ${percent(intensity)} du temps, environ ${formats.rough(watts)} W. ` +
      (capMb === null
        ? `Trafic : le modèle de chaque tâche une fois (${bytes(MODEL_BYTES_MAX)} au plus), puis ses lignes. `
        : `Trafic : ${count(capMb)} Mo par jour au plus. `) +
      {
        never: "Rien sur batterie.",
        unknown: "Votre navigateur n’indique pas de batterie : branchez un ordinateur portable.",
        also: "Aussi sur batterie.",
      }[battery],
    gains: "Pour qui",
    gainsUnknown: "Quiconque soumet des tâches ici. Cette page nomme chaque tâche et dit pour qui elle est.",
    gainsNobodyYet:
      "Personne pour l’instant : aucune tâche n’est en cours. Plus tard, quiconque en soumet une ; cette page la nomme et dit pour qui elle est.",
    gainsNone: "Personne : vous avez refusé toutes les tâches en cours.",
    gainsText: (jobs, more) =>
      list([
        ...jobs.map(({ name, submitter }) => `${submitter} (« ${name} »)`),
        ...(more === 0 ? [] : [plural(more, "autre tâche", "autres tâches", "d’autres tâches")]),
      ]),
    stops: "Arrêt",
    stopsText: (goesOn) =>
      goesOn
        ? "Quand vous appuyez sur « Arrêter tout de suite ». Fermer la page l’arrête aussi, jusqu’à ce que vous la rouvriez."
        : "Quand vous appuyez sur « Arrêter tout de suite », ou fermez la page.",
  },
  intensity: {
    label: "Intensité",
    value: (share) => percent(share),
    hint: (share) =>
      share >= 1 ? "Calcule tout le temps." : `Calcule ${percent(share)} du temps et se repose entre-temps.`,
  },

  activity: {
    notStarted: {
      title: "À l’arrêt",
      sentence: "Appuyez sur Démarrer pour prêter cet onglet. D’ici là, il ne fait rien.",
    },
    stopped: {
      title: "Arrêté",
      sentence: "La connexion est fermée et rien n’est calculé. Redémarrez quand vous voulez.",
    },
    finished: {
      title: "Terminé",
      sentence: "Le lot en cours a été fini et envoyé, et la connexion est fermée. Merci.",
    },
    calibrating: {
      title: "Préparation",
      sentence: "Essaie quelle partie de votre appareil calcule le plus vite, et si elle calcule juste.",
    },
    connecting: {
      title: "Connexion",
      sentence: "Ouvre une connexion au coordinateur et prouve la clé de ce navigateur.",
    },
    reconnecting: (why, inMs) => ({
      title: "Reconnexion",
      sentence: `${why} ${inMs < 1_000 ? "Nouvel essai maintenant." : `Nouvel essai dans ${Math.ceil(inMs / 1_000)} s.`}`,
    }),
    waiting: {
      title: "En attente de travail",
      sentence: "Inactif, car aucune tâche n’a de lot pour cet onglet en ce moment. Le prochain commence de lui-même.",
    },
    probe: {
      title: "Passe le test d’entrée",
      sentence: "Répond à une question dont le coordinateur connaît la réponse.",
      what: "Un test d’entrée : cet appareil calcule-t-il juste ?",
    },
    anyAssignment: {
      title: "Calcule",
      sentence: "Travaille à la tâche ci-dessous.",
      what: "Un calcul réparti entre de nombreux onglets.",
    },
    resting: (inMs) => ({
      title: "Se repose",
      sentence: `Entre deux lots, comme le veut votre intensité. Le prochain peut commencer ${inMs < 1_000 ? "maintenant" : `dans ${Math.ceil(inMs / 1_000)} s`}.`,
    }),
    updating: {
      title: "Mise à jour",
      sentence: "Le coordinateur fournit une version plus récente de cette page. Elle se recharge.",
    },
    pleaseReload: {
      title: "Veuillez recharger",
      sentence:
        "Le coordinateur fournit une autre version de cette page, et un rechargement ne l’a pas apportée. Rechargez encore, sans le cache.",
    },
    elsewhere: {
      title: "Déjà actif dans un autre onglet",
      sentence:
        "Un seul onglet par navigateur travaille à la fois : deux se partageraient le même processeur. Arrêtez l’autre onglet pour démarrer ici.",
    },
  },
  holds: {
    title: "En pause",
    finishingTitle: "Finit le lot",
    finishing: "Finit le lot en cours, puis s’arrête. Rien de nouveau n’est pris.",
    paused: "Mis en pause par vous. Appuyez sur Reprendre pour continuer.",
    pausedUntil: (untilMs, nowMs) => `Mis en pause par vous jusqu’à ${clockTime(untilMs, nowMs)}.`,
    schedule: (untilMs, nowMs) => `En pause jusqu’à ${clockTime(untilMs, nowMs)}, selon votre horaire.`,
    emptySchedule: "En pause selon votre horaire, qui ne contient aucune heure.",
    battery: "En pause, car votre appareil est sur batterie. Le calcul reprend dès qu’il est branché.",
    "in-use": "En pause pendant que vous utilisez votre ordinateur. Le calcul reprend après une minute d’absence.",
    "save-data": "En pause, car votre navigateur demande aux sites d’économiser les données.",
    cellular: "En pause, car votre appareil est sur un réseau mobile. Le calcul reprend avec le Wi-Fi ou un câble.",
    "data-cap": (capMb, untilMs, nowMs) =>
      `En pause jusqu’à ${clockTime(untilMs, nowMs)} : les ${count(capMb)} Mo d’aujourd’hui sont épuisés.`,
    pressure:
      "En pause, car d’autres programmes chargent fortement votre ordinateur, ou il est chaud. Le calcul reprend doucement une demi-minute après.",
    "pressure-look": "Arrêté quelques secondes, pour voir si la charge de votre ordinateur vient de cet onglet.",
    batchInHand: "Le lot en cours est d’abord fini.",
    change: "Modifier cette règle",
  },
  eased: (share, loadOf) => {
    const pace = `Votre intensité est réduite ${share === 0.5 ? "de moitié" : "au quart"} pour l’instant`;
    if (loadOf === "own") return `${pace} : le travail de cet onglet occupe votre ordinateur.`;
    if (loadOf === "others") return `${pace} : d’autres programmes occupent votre ordinateur.`;
    return `${pace}, car votre ordinateur est occupé ou chaud.`;
  },

  losses: {
    unreachable: "Le coordinateur est injoignable.",
    lost: "La connexion a été perdue.",
    offline: "Cet appareil est hors ligne.",
    slept: "Cet ordinateur était en veille.",
    "no-welcome": "Le coordinateur n’a pas répondu à la salutation.",
    overloaded: "Le coordinateur a autant d’onglets qu’il peut en servir.",
    unresponsive: "Le coordinateur n’a pas eu de nouvelles de cet onglet à temps.",
    "seat-ended": "Votre place a pris fin : cet onglet continue à calculer sans elle.",
    "shutting-down": "Le coordinateur redémarre.",
    "seat-code": "Cet onglet revient avec son code pour une place.",
    elsewhere: "Un autre coordinateur de ce service a du travail pour cet onglet.",
    other: "Le coordinateur a fermé la connexion.",
  },
  refusals: {
    "wrong-answers": {
      title: "Votre appareil a donné une réponse différente",
      sentence:
        "Un échantillon de son travail a donné un autre résultat une fois recalculé, donc ce coordinateur ne lui envoie plus de travail. Cela " +
        "arrive à des appareils honnêtes : un processeur surchauffé ou surcadencé, une mémoire défectueuse ou un pilote graphique imprécis.",
    },
    banned: {
      title: "Banni de ce coordinateur",
      sentence:
        "L’exploitant de ce coordinateur n’accepte aucun travail de ce navigateur ou de son réseau. Une personne en a décidé ainsi ; cela ne dit rien de " +
        "vos réponses. D’autres volontaires ont reçu le travail que ce navigateur avait en main.",
    },
    "too-many-sessions": {
      title: "Trop d’onglets",
      sentence: "Trop d’onglets avec la clé de ce navigateur sont connectés. Fermez-en un et redémarrez.",
    },
    other: { title: "Non connecté", sentence: "Le coordinateur n’accepte pas cet onglet." },
  },
  breakages: {
    "insecure-context": {
      title: "Cette adresse n’est pas sûre",
      sentence:
        "Les navigateurs n’autorisent les clés et les verrous que sur des adresses https:// et sur localhost. Demandez à l’exploitant de ce coordinateur " +
        "son adresse https:// ; un proxy inverse comme Caddy en ajoute une en une minute.",
    },
    "no-identity": {
      title: "Pas de clé",
      sentence:
        "Ce navigateur n’a pas pu créer ou garder de clé. Les fenêtres privées de certains navigateurs l’interdisent.",
    },
    "no-back-end": {
      title: "Calcul impossible ici",
      sentence: "Aucune partie de ce navigateur ne calcule correctement la question d’essai.",
    },
    "compute-thread": {
      title: "Arrêté après des erreurs",
      sentence:
        "La partie de cette page qui calcule s’est arrêtée plusieurs fois. Appuyez sur Démarrer pour réessayer.",
    },
  },
  saysCoordinator: (message) => `Le coordinateur dit : « ${message} »`,

  now: {
    title: "Travaille à",
    job: "Tâche",
    latestJob: "Dernière tâche",
    noJob: "aucune pour l’instant",
    nothing: "–",
    submitter: "Pour",
    what: "Ce que c’est",
    purpose: "Dans quel but",
    batch: "Lot",
    batchText: (rows) => plural(rows, "ligne", "lignes", "de lignes"),
    data: "Données",
    dataText: (receivedBytes, sentBytes) => `${bytes(receivedBytes)} de nombres reçus, ${bytes(sentBytes)} à envoyer`,
    progress: "Avancement",
    test: "Test d’entrée",
    testFor: "le coordinateur",
    testPurpose: "Le coordinateur apprend avec quelle précision cet appareil calcule.",
    purposeText: (purpose) => `« ${purpose} »`,
    follow: "Suivre cette tâche",
    refuse: "Non à cette tâche",
  },
  facts: {
    title: "Jusqu’ici",
    credit: "Travail vérifié",
    creditUnit: "multiplications-additions",
    creditText: (macs) => inWords(macs),
    creditNote: (passed, next) =>
      "Par votre clé, au fil de toutes les visites. Chaque travail compte une fois, après vérification de ses réponses. " +
      (passed === null
        ? `Premier palier : ${inWords(next)}.`
        : `${inWords(passed)} dépassés ; prochain palier : ${inWords(next)}.`),
    speed: "Vitesse actuelle",
    speedText: (perSecond) => inWords(Math.round(perSecond)),
    speedUnit: "par seconde",
    noSpeed: "pas encore connue",
    noSpeedNow: "aucune",
    speedNote: "Multiplications-additions vérifiées de la dernière minute, repos et attentes compris.",
    done: "Lots depuis le dernier démarrage",
    doneNote: (verified, late, failed, cancelled) => {
      const parts = [
        late > 0 ? `${count(late)} en retard` : "",
        cancelled > 0 ? `${count(cancelled)} devenus inutiles` : "",
        failed > 0 ? `${count(failed)} impossibles à calculer` : "",
      ].filter((part) => part !== "");
      const besides = parts.length === 0 ? "" : ` En outre : ${parts.join(", ")}.`;
      return `${count(verified)} vérifiés jusqu’ici.${besides}`;
    },
    energy: "Énergie depuis le dernier démarrage",
    energyText: (wh) => formats.wattHours(wh),
    energyNote: (computedMs, watts) =>
      `Une estimation : ${duration(computedMs)} de calcul multipliées par ${count(watts)} W par thread, que vous pouvez régler sous « Vos règles ».`,
    traffic: "Trafic depuis le dernier démarrage",
    trafficText: (size) => bytes(size),
    trafficNote: (todayBytes) => `${bytes(todayBytes)} aujourd’hui.`,
    backend: "Calcule avec",
    backends: { webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript", webgpu: "WebGPU" },
    noBackend: "pas encore choisi",
    candidateTime: (name, ms) => `${name} ${duration(ms)}`,
    candidateOut: (name) => `${name} inutilisable`,
    key: "Votre clé",
    noKey: "créée au premier démarrage",
    lastError: "Dernier problème",
    choice: (modelSha256, backend) => `Le modèle ${modelSha256.slice(0, 8)} est calculé avec ${backend}.`,
    choiceTime: (backend, msPerRow) => `${backend} : ${formats.rough(msPerRow)} ms par ligne`,
    choiceOut: (backend, problem) => `${backend} n’est pas utilisé : ${problem}`,
    unfit: (jobName) => `Pas pour « ${jobName} » :`,
  },
  choose: {
    title: "Pour qui vous travaillez",
    atWork: "Tâches en cours",
    asking: "Le coordinateur est interrogé…",
    none: "Aucune tâche n’est en cours.",
    takesAny: "Cet onglet prend toute tâche qui vient.",
    more: (jobs) => `Et ${plural(jobs, "autre tâche", "autres tâches", "d’autres tâches")}.`,
    forWhom: (submitter) => `pour ${submitter}`,
    what: (kind) => `${kind} :`,
    left: (share) => ` (reste ${percent(1 - share)})`,
    refuse: "Non",
    refuseNamed: (name) => `Non à ${name}`,
    take: "La reprendre",
    takeNamed: (name) => `La reprendre : ${name}`,
    refused: "Vous l’avez refusée.",
    otherProject: "Ne fait pas partie de vos projets.",
    projects: "Projets : pour qui sont les tâches",
    all: "Tous",
    these: "Seulement ceux-ci",
    noProject: "Aucun n’est choisi, donc cet onglet ne reçoit pas de travail.",
    checksToo:
      "Un « Non » prend effet tout de suite, et votre travail compte comme avant. Une chose change : si vous choisissez vos tâches, vous n’y vérifiez pas le travail des autres.",
    doesNotCheck:
      "Vous avez choisi, donc on ne vous demande pas de vérifier le travail des autres sur ces tâches. Sinon, un groupe pourrait choisir une tâche et se porter garant de lui-même. Votre propre travail compte comme avant.",
  },
  helped: {
    title: "Tâches auxquelles vous avez contribué",
    columns: { job: "Tâche", submitter: "Pour", progress: "Avancement" },
    unknown: "n’est plus connue",
    ends: {
      done: "terminée",
      stopped: "arrêtée plus tôt",
      diverged: "a divergé",
      failed: "a échoué",
      cancelled: "annulée",
    },
    follow: (name) => `Suivre ${name}`,
  },
  news: {
    title: "Depuis votre dernière visite",
    gone: "elle a été supprimée, ou le coordinateur ne la garde plus.",
    ended: (end, progress, own) => `${end}, ${progress}. ${own}`,
  },
  history: {
    title: "Derniers lots",
    columns: { job: "Tâche", submitter: "Pour", work: "Travail", time: "Temps", outcome: "Issue" },
    work: (work) =>
      work === "shard" ? "part des données" : work === "batch" ? "lot" : work === "product" ? "produit" : work,
    outcomes: { answered: "envoyé", late: "en retard", cancelled: "inutile", failed: "impossible à calculer" },
  },
  days: {
    title: "Vos jours",
    shortDay: formats.shortDay,
    today: "aujourd’hui",
    chart: (days) => `Multiplications-additions vérifiées par jour, les derniers ${plural(days, "jour", "jours")}`,
    day: (day, macs, batches, computedMs) =>
      `${formats.shortDay(day)} : ${inWords(macs)} multiplications-additions, ${plural(batches, "lot", "lots", "de lots")}, ${duration(computedMs)} de calcul`,
    sum: (days, macs, computedMs, wh) =>
      `${plural(days, "jour", "jours")} de travail dans ce navigateur : ${inWords(macs)} multiplications-additions vérifiées, ${duration(computedMs)} de calcul, environ ${formats.wattHours(wh)}.`,
  },
  how: {
    title: "Comment ça marche",
    steps: [
      "Les questions d’une tâche partent en petits lots : certaines telles quelles, d’autres en mélanges de plusieurs. Une tâche qui s’entraîne sur des données envoie à chaque onglet un mélange des données, qu’il garde tant qu’elle est en cours.",
      "Si un onglet est lent ou se ferme, les mélanges remplacent ses réponses, pour que personne ne l’attende.",
      "Le coordinateur fait recalculer des échantillons secrets. Il trouve les réponses qui diffèrent, et d’autres onglets refont ce travail.",
    ],
    picture:
      "Cinq onglets : quatre tiennent des questions, un leur mélange. Une réponse manque, et le mélange la remplace.",
  },
  consent: {
    title: "Avant de commencer",
    items: (host, operatedBy) => [
      {
        term: "Qui s’en occupe",
        text: `${operatedBy === null ? "" : `${operatedBy}. `}Le coordinateur à ${host}. Son exploitant choisit les tâches. Pendant que vous travaillez à une tâche, cette page la nomme et dit pour qui elle est.`,
      },
      {
        term: "Ce qui s’exécute ici",
        text: "Seulement le code de cette page : des routines de calcul fixes dans un thread en arrière-plan. Les tâches apportent des modèles et des nombres comme données, jamais de code. Aucune cryptomonnaie n’est minée.",
      },
      {
        term: "Ce qui reste dans cet onglet",
        text: `Pendant qu’il fonctionne, sa mémoire contient les modèles reçus et, pour les tâches qui s’entraînent sur des données, une part codée de ces données : jusqu’à ${bytes(TAB_SHARD_CACHE_BYTES_MAX)} par thread de calcul. Arrêtez ou fermez l’onglet, et tout disparaît. La part n’est jamais écrite sur votre disque.`,
      },
      {
        term: "Ce qui quitte votre appareil",
        text: "Les réponses calculées à partir des lignes de la tâche, le temps qu’elles ont pris, le moteur qui les a calculées, laquelle de vos règles met l’onglet en pause, une clé publique, et votre pseudonyme et votre équipe si vous les donnez : tout le monde peut les lire. Rien de vos fichiers, de votre historique ou des autres onglets.",
      },
      {
        term: "Qui vous êtes",
        text: "Pas de compte. Une clé créée dans ce navigateur prouve qu’un travail antérieur était le vôtre ; sa moitié secrète ne peut pas quitter le navigateur. Effacer les données de ce site la fait oublier. Un lien que vous créez permet à un autre appareil de travailler sous votre nom.",
      },
      {
        term: "Jusqu’à quand",
        text: "Jusqu’à ce que vous arrêtiez. Si vous rechargez cette page, ou la rouvrez un autre jour, elle reprend là où vous l’aviez laissée, en pause si elle l’était ; une règle désactive cela.",
      },
      {
        term: "Ce que cela vous coûte",
        text: "Du temps de processeur, de l’électricité et un peu de trafic, dans les limites que vous fixez. Un ordinateur portable peut chauffer.",
      },
      {
        term: "La confiance va dans les deux sens",
        text: "Des échantillons secrets des réponses sont recalculés. S’ils diffèrent, d’autres onglets refont le travail, et cet appareil n’en reçoit plus.",
      },
    ],
  },
  rules: {
    title: "Vos règles",
    note: "Vos règles s’appliquent tout de suite, et ce navigateur les retient.",
    doesNotTell: "Votre navigateur ne le dit pas, donc cette règle est sans effet ici.",
    mains: "Seulement sur secteur",
    mainsNow: {
      mains: "Sur secteur en ce moment.",
      battery: "Sur batterie en ce moment.",
      unknown: "Votre navigateur ne l’a pas encore dit.",
    },
    pressure: "Ralentir quand l’ordinateur est occupé ou chaud",
    pressureHint:
      "L’onglet travaille moins tant que votre ordinateur est chargé. Il ne se met en pause que pour une charge d’autres programmes qui a commencé après le démarrage et reste critique plusieurs minutes, jamais pour la sienne.",
    idle: "Seulement en mon absence",
    idleHint: "Une minute sans clavier ni souris. Votre navigateur vous demande une fois si cette page peut le savoir.",
    idleNow: {
      idle: "Vous êtes absent en ce moment.",
      active: "Vous êtes là en ce moment.",
      unknown: "Votre navigateur ne l’a pas encore dit.",
    },
    idleRefused: "L’autorisation de détecter l’inactivité a été refusée, donc cette règle est désactivée.",
    saveData: "Pas quand mon navigateur économise les données",
    saveDataHint: "Certains navigateurs ont un réglage qui demande à chaque site d’économiser les données.",
    cellular: "Pas sur un réseau mobile",
    cellularHint: "Seulement en Wi-Fi ou par câble.",
    dataCap: "Limiter le trafic d’une journée",
    dataCapUnit: "Mo par jour",
    schedule: "Seulement à certaines heures",
    scheduleHint: "À l’heure de cet appareil. Une fin qui ne suit pas le début est le lendemain.",
    weekdays: formats.weekdays,
    from: (day) => `${day}, de`,
    to: (day) => `${day}, à`,
    hour: (hour) => `${String(hour).padStart(2, "0")}:00`,
    presets: {
      label: "Régler tous les jours sur",
      always: "toute la journée",
      nights: "la nuit",
      evenings: "soirs et week-ends",
    },
    threads: "Threads de calcul",
    threadsUnasked: (threads) => `${count(threads)}, comme il convient à cet appareil`,
    threadsHint: (cores, threads) => {
      const gain =
        threads > 1
          ? ` ${count(threads)} threads font environ ${count(timesTheWork(threads))} fois le travail d’un seul.`
          : "";
      return `Cet appareil a ${plural(cores, "cœur de processeur", "cœurs de processeur")}.${gain} Prend effet au prochain démarrage.`;
    },
    nickname: "Pseudonyme",
    nicknameHint: "Pour le classement. Vide : aucun. Prend effet au prochain démarrage.",
    team: "Équipe",
    teamHint:
      "Le même nom que vos amis : votre travail vérifié compte pour elle. Vide : aucune. Prend effet au prochain démarrage.",
    goesOn: "Reprendre quand cette page est rouverte",
    goesOnHint: "Sauf si vous avez arrêté : après un rechargement ou un autre jour ; en pause si elle l’était.",
    screen: "Garder l’écran allumé pendant que cet onglet travaille",
    screenHint:
      "Un téléphone qui s’éteint suspend ses onglets. Désactivé par défaut, car un écran consomme plus qu’un processeur au repos.",
    screenNow: {
      unknown: "Votre navigateur ne peut pas garder un écran allumé, donc cette règle est sans effet ici.",
      off: "L’écran reste allumé pendant que l’onglet travaille et est visible, pas pendant une pause.",
      on: "L’écran reste allumé en ce moment.",
      refused:
        "Votre navigateur refuse de garder l’écran allumé en ce moment ; une batterie faible est une raison possible.",
    },
    watts: "Watts d’un thread occupé",
    wattsHint:
      "Pour l’estimation de l’énergie. 10 W conviennent à un ordinateur portable ; un wattmètre à la prise est plus exact.",
  },
  leaderboard: {
    title: "Classement",
    note: "Par multiplications-additions vérifiées. Seul le travail vérifié compte.",
    none: "Aucun volontaire n’a encore de travail vérifié ici.",
    columns: { rank: "Rang", name: "Pseudonyme", macs: "Vérifié" },
    you: "vous",
    failed: "Le classement n’a pas pu être chargé.",
  },
  teams: {
    title: "Équipes",
    note: "Une équipe est un nom que plusieurs volontaires donnent sous « Vos règles ». Le total d’une équipe est le travail vérifié de ses membres actuels.",
    none: "Aucune équipe n’a encore de travail vérifié ici. Donnez un nom sous « Vos règles » pour en créer une.",
    columns: { rank: "Rang", name: "Équipe", members: "Membres", macs: "Vérifié" },
    yours: "la vôtre",
    failed: "Les équipes n’ont pas pu être chargées.",
  },
  phone: {
    title: "Ajoutez votre téléphone",
    text: "Scannez ceci avec un autre appareil pour y ouvrir cette page.",
    picture: (address) => `Code QR de ${address}`,
    local:
      "Seul cet ordinateur peut ouvrir cette adresse. Pour prêter un téléphone, demandez à l’exploitant du coordinateur son adresse https://.",
    insecure:
      "Un téléphone pourrait ouvrir cette adresse, mais les navigateurs ne calculent que sur des adresses https://. Demandez-en une à l’exploitant du coordinateur.",
    install: "Installer comme application",
    installHint: "Place cette page parmi vos applications, dans sa propre fenêtre.",
  },
  devices: {
    title: "Un autre de vos appareils",
    under: (owner) => `Cet appareil travaille sous le nom de ${owner} : son travail compte pour ce nom.`,
    text: "Un lien qui permet à un autre ordinateur ou téléphone de travailler sous votre nom. Chaque appareil a sa propre clé et son propre dossier. Vos appareils ne se vérifient jamais entre eux.",
    make: "Créer un lien",
    picture: "Code QR du lien pour votre autre appareil",
    copy: "Copier le lien",
    until: "Ouvrez-le là-bas dans l’heure, et appuyez sur Démarrer.",
    failed: (message) => `Pas de lien : ${message}`,
  },
  tabTitle: (title, active) => `${active ? "● " : ""}${title} · Paritab`,
  kinds: kinds(count, plural),
});

const kinds = (count: Formats["count"], plural: Formats["plural"]): WordsOfKinds => ({
  inference: {
    name: "Inférence",
    assignments: {
      batch: {
        title: "Calcule",
        sentence: "Travaille à un lot de la tâche ci-dessous.",
        what: "Un réseau entraîné répond à des questions. Vous en faites passer un lot à travers lui.",
      },
    },
    progress: (done, all) =>
      `${count(done)} sur ${plural(all, "réponse définitive", "réponses définitives", "de réponses définitives")}`,
    own: ({ rows }) => `Ce navigateur en a calculé ${plural(rows, "ligne", "lignes", "de lignes")}.`,
  },
  regression: {
    name: "Régression",
    assignments: codedAssignments,
    progress: (done, all) =>
      `${count(done)} sur ${plural(all, "étape d’entraînement", "étapes d’entraînement", "d’étapes d’entraînement")}`,
    own: ({ batches }) => `Ce navigateur a calculé ${plural(batches, "lot", "lots", "de lots")} pour elle.`,
  },
  matmul: {
    name: "Produit de matrices",
    assignments: codedAssignments,
    progress: (done, all) =>
      `${count(done)} sur ${plural(all, "tranche du produit", "tranches du produit", "de tranches du produit")}`,
    own: ({ batches }) => `Ce navigateur a calculé ${plural(batches, "lot", "lots", "de lots")} pour elle.`,
  },
});

const codedAssignments: WordsOfKinds["regression"]["assignments"] = {
  shard: {
    title: "Récupère une part des données",
    sentence:
      "La part reste dans la mémoire de cet onglet, pour n’être récupérée qu’une fois pour toutes les étapes de la tâche ci-dessous.",
    what: "Un calcul sur des données codées. Vous récupérez votre part des nombres.",
  },
  product: {
    title: "Calcule",
    sentence: "Multiplie la part des données de cet onglet pour la tâche ci-dessous.",
    what: "Un calcul sur des données codées. Vous multipliez votre part des nombres.",
  },
};

export const french = { address: import.meta.url, clock, texts };
