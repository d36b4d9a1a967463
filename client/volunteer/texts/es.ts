/** The Spanish of the volunteer's page, which says "tú". As long as en.ts is. */
import { MODEL_BYTES_MAX, TAB_SHARD_CACHE_BYTES_MAX } from "../../../shared/protocol/limits.ts";
import type { VolunteerTexts } from "./en.ts";
import type { ClockWords, Formats } from "./formats.ts";
import type { WordsOfKinds } from "./text-types.ts";
import { timesTheWork } from "./threads-gain.ts";

const clock: ClockWords = {
  midnight: "la medianoche",
  today: (clock) => `las ${clock}`,
  tomorrow: (clock) => `mañana a las ${clock}`,
  weekday: (day, clock) => `el ${day} a las ${clock}`,
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
    nav: { label: "Páginas", volunteer: "Colaborar", dashboard: "Panel", operator: "Operador" },
    skip: "Ir al contenido",
    footer: (version, build) => `Protocolo ${version}, compilación ${build}. Software libre bajo Apache-2.0.`,
  },
  language: { label: "Idioma", failed: "No se pudo cargar este idioma. Inténtalo de nuevo dentro de un momento." },
  title: "Presta esta pestaña a un cálculo",
  lead: "Paritab reparte tareas de aprendizaje automático entre pestañas del navegador y comprueba lo que vuelve. Tu pestaña responde una pequeña parte.",
  statusLabel: "Qué está haciendo esta pestaña",
  wentOn: {
    update: "La página se actualizó y siguió por sí sola.",
    visit:
      "Esta página sigue como la dejaste la última vez. Pulsa «Detener ahora» para terminar. Una regla más abajo evita que siga por sí sola.",
  },
  forcedBackend: (backend) => `Esta dirección solo permite un motor de cálculo: ${backend}.`,
  invited: "Esta dirección trae una invitación a un trabajo privado. Se usa cuando pulsas Empezar.",
  invitation: {
    yours: "Te han invitado a un trabajo privado: este navegador recibe una parte de sus datos.",
    taken:
      "Otro navegador ya usó la invitación de esta dirección, y cada invitación admite un solo navegador. Pide otro enlace a quien te la envió.",
    ended: "El trabajo privado de la invitación de esta dirección ha terminado.",
    unknown:
      "Este coordinador no conoce la invitación de esta dirección. ¿Se copió el enlace completo, y lleva a este coordinador?",
  },
  invitationAsked: "Preguntando al coordinador por la invitación de esta dirección.",
  openJobs: "Esta pestaña trabaja para los trabajos abiertos.",
  seat: {
    brought: "Esta página tiene un código para un puesto. Se usa cuando pulsas Empezar.",
    asked: "Preguntando al coordinador por el código para un puesto.",
    yours: (number, sheet) => `Estás en el puesto ${count(number)} de ${sheet}.`,
    refusals: {
      unknown: "Este coordinador no conoce el código. Compáralo con tu hoja, signo por signo.",
      taken: "Otra persona ya tiene este puesto: pide otro código a tu profesor o profesora.",
      elsewhere: "El código vale en otra red. ¿Estás en la red de tu clase?",
      ended: "El código ya no vale: pide otro a tu profesor o profesora.",
    },
    worksAnyway: "Esta pestaña trabaja sin puesto.",
    title: "Tengo un código de una hoja",
    hint: "Quien hizo la hoja ve que este navegador tiene el puesto, su apodo y cuántas filas ha calculado.",
    code: "Código de la hoja",
    use: "Usar el código",
    isNone: "Un código tiene ocho letras y cifras, sin 0, O, 1, I, L ni U.",
  },

  buttons: {
    start: "Empezar",
    pause: "Pausar",
    resume: "Reanudar",
    finish: "Terminar y detener",
    stop: "Detener ahora",
    label: "Controles",
    pauseFor: "Pausar durante",
    pauseHours: (hours) => plural(hours, "hora", "horas"),
    pauseUntilMorning: (morningMs, nowMs) => `hasta ${clockTime(morningMs, nowMs)}`,
  },
  startNote: {
    before: "No se calcula nada antes de que pulses Empezar. Al pulsar Empezar aceptas los ",
    link: "puntos de «Antes de empezar»",
    after: ".",
  },
  atStart: {
    costs: "Cuesta",
    costsText: ({ threads, cores, intensity, watts, capMb, battery }) =>
      `${plural(threads, "núcleo de procesador", "núcleos de procesador")} de ${count(cores)} durante el ${percent(intensity)} del tiempo, unos ${formats.rough(watts)} W. ` +
      (capMb === null
        ? `Tráfico: el modelo de cada trabajo una vez (${bytes(MODEL_BYTES_MAX)} como máximo), luego sus filas. `
        : `Tráfico: ${count(capMb)} MB al día como máximo. `) +
      {
        never: "Nada con batería.",
        unknown: "Tu navegador no informa de la batería: enchufa el portátil.",
        also: "También con batería.",
      }[battery],
    gains: "Para quién",
    gainsUnknown: "Quien envíe trabajos aquí. Esta página nombra cada trabajo y dice para quién es.",
    gainsNobodyYet:
      "Ahora mismo nadie: no hay ningún trabajo en marcha. Más tarde, quien envíe uno; esta página lo nombra y dice para quién es.",
    gainsNone: "Nadie: has rechazado todos los trabajos en marcha.",
    gainsText: (jobs, more) =>
      list([
        ...jobs.map(({ name, submitter }) => `${submitter} («${name}»)`),
        ...(more === 0 ? [] : [plural(more, "trabajo más", "trabajos más", "de trabajos más")]),
      ]),
    stops: "Se detiene",
    stopsText: (goesOn) =>
      goesOn
        ? "Cuando pulsas «Detener ahora». También al cerrar la página, hasta que la abras de nuevo."
        : "Cuando pulsas «Detener ahora» o cierras la página.",
  },
  intensity: {
    label: "Intensidad",
    value: (share) => percent(share),
    hint: (share) =>
      share >= 1 ? "Calcula todo el tiempo." : `Calcula el ${percent(share)} del tiempo y descansa entre medias.`,
  },

  activity: {
    notStarted: {
      title: "Sin empezar",
      sentence: "Pulsa Empezar para prestar esta pestaña. Hasta entonces no hace nada.",
    },
    stopped: {
      title: "Detenida",
      sentence: "La conexión está cerrada y no se calcula nada. Empieza de nuevo cuando quieras.",
    },
    finished: {
      title: "Terminado",
      sentence: "El lote en curso se terminó y se envió, y la conexión está cerrada. Gracias.",
    },
    calibrating: {
      title: "Preparándose",
      sentence: "Prueba qué parte de tu dispositivo calcula más rápido, y si calcula bien.",
    },
    connecting: {
      title: "Conectando",
      sentence: "Abre una conexión con el coordinador y demuestra la clave de este navegador.",
    },
    reconnecting: (why, inMs) => ({
      title: "Reconectando",
      sentence: `${why} ${inMs < 1_000 ? "Nuevo intento ahora." : `Nuevo intento en ${Math.ceil(inMs / 1_000)} s.`}`,
    }),
    waiting: {
      title: "Esperando trabajo",
      sentence:
        "Inactiva porque ahora ningún trabajo tiene un lote para esta pestaña. El siguiente empieza por sí solo.",
    },
    probe: {
      title: "Haciendo la prueba de entrada",
      sentence: "Responde a una pregunta cuya respuesta conoce el coordinador.",
      what: "Una prueba de entrada: ¿calcula bien este dispositivo?",
    },
    anyAssignment: {
      title: "Calculando",
      sentence: "Colabora en el trabajo de abajo.",
      what: "Un cálculo repartido entre muchas pestañas.",
    },
    resting: (inMs) => ({
      title: "Descansando",
      sentence: `Entre dos lotes, como pide tu intensidad. El siguiente puede empezar ${inMs < 1_000 ? "ahora" : `en ${Math.ceil(inMs / 1_000)} s`}.`,
    }),
    updating: {
      title: "Actualizando",
      sentence: "El coordinador sirve una versión más nueva de esta página. Se está recargando.",
    },
    pleaseReload: {
      title: "Recarga la página",
      sentence:
        "El coordinador sirve otra versión de esta página, y recargarla una vez no la trajo. Recárgala otra vez sin la caché.",
    },
    elsewhere: {
      title: "Ya funciona en otra pestaña",
      sentence:
        "En un navegador solo trabaja una pestaña a la vez: dos compartirían el mismo procesador. Detén la otra pestaña para empezar aquí.",
    },
  },
  holds: {
    title: "En pausa",
    finishingTitle: "Terminando",
    finishing: "Termina el lote en curso y luego se detiene. No acepta nada nuevo.",
    paused: "La pausaste tú. Pulsa Reanudar para seguir.",
    pausedUntil: (untilMs, nowMs) => `La pausaste tú hasta ${clockTime(untilMs, nowMs)}.`,
    schedule: (untilMs, nowMs) => `En pausa hasta ${clockTime(untilMs, nowMs)} según tu horario.`,
    emptySchedule: "En pausa según tu horario, que no contiene ninguna hora.",
    battery: "En pausa porque tu dispositivo funciona con batería. Sigue en cuanto esté enchufado.",
    "in-use": "En pausa mientras usas tu ordenador. Sigue cuando lleves un minuto fuera.",
    "save-data": "En pausa porque tu navegador pide a los sitios que ahorren datos.",
    cellular: "En pausa porque tu dispositivo está en una red móvil. Sigue en cuanto haya Wi-Fi o cable.",
    "data-cap": (capMb, untilMs, nowMs) =>
      `En pausa hasta ${clockTime(untilMs, nowMs)}: los ${count(capMb)} MB de hoy se han agotado.`,
    pressure:
      "En pausa porque otros programas cargan mucho tu ordenador, o está caliente. Sigue con suavidad medio minuto después.",
    "pressure-look": "Se detiene unos segundos para ver si la carga de tu ordenador viene de esta pestaña.",
    batchInHand: "Antes se termina el lote en curso.",
    change: "Cambiar esta regla",
  },
  eased: (share, loadOf) => {
    const pace = `Tu intensidad está reducida ${share === 0.5 ? "a la mitad" : "a la cuarta parte"} por ahora`;
    if (loadOf === "own") return `${pace}: el trabajo de esta pestaña mantiene ocupado tu ordenador.`;
    if (loadOf === "others") return `${pace}: otros programas mantienen ocupado tu ordenador.`;
    return `${pace}, porque tu ordenador está ocupado o caliente.`;
  },

  losses: {
    unreachable: "No se puede contactar con el coordinador.",
    lost: "Se perdió la conexión.",
    offline: "Este dispositivo no tiene conexión.",
    slept: "Este ordenador estaba en reposo.",
    "no-welcome": "El coordinador no respondió al saludo.",
    overloaded: "El coordinador tiene tantas pestañas como puede atender.",
    unresponsive: "El coordinador no tuvo noticias de esta pestaña a tiempo.",
    "seat-ended": "Tu puesto ha terminado: esta pestaña sigue calculando sin él.",
    "shutting-down": "El coordinador se está reiniciando.",
    "seat-code": "Esta pestaña vuelve con su código para un puesto.",
    elsewhere: "Otro coordinador de este servicio tiene trabajo para esta pestaña.",
    other: "El coordinador cerró la conexión.",
  },
  refusals: {
    "wrong-answers": {
      title: "Tu dispositivo dio una respuesta distinta",
      sentence:
        "Una muestra de su trabajo salió distinta al calcularla de nuevo, así que este coordinador no le envía más trabajo. Eso " +
        "les pasa también a dispositivos honestos: un procesador sobrecalentado o forzado, memoria defectuosa o un controlador gráfico impreciso.",
    },
    banned: {
      title: "Vetada en este coordinador",
      sentence:
        "Quien opera este coordinador no acepta trabajo de este navegador o de su red. Lo decidió una persona; no dice nada sobre " +
        "tus respuestas. Otros voluntarios recibieron el trabajo que este navegador tenía entre manos.",
    },
    "too-many-sessions": {
      title: "Demasiadas pestañas",
      sentence: "Hay demasiadas pestañas conectadas con la clave de este navegador. Cierra una y empieza de nuevo.",
    },
    other: { title: "Sin conexión", sentence: "El coordinador no admite esta pestaña." },
  },
  breakages: {
    "insecure-context": {
      title: "Esta dirección no es segura",
      sentence:
        "Los navegadores permiten claves y bloqueos solo en direcciones https:// y en localhost. Pide a quien opera este coordinador " +
        "su dirección https://; un proxy inverso como Caddy añade una en un minuto.",
    },
    "no-identity": {
      title: "Sin clave",
      sentence:
        "Este navegador no pudo crear o guardar una clave. Las ventanas privadas de algunos navegadores lo prohíben.",
    },
    "no-back-end": {
      title: "Aquí no se puede calcular",
      sentence: "Ninguna parte de este navegador calcula bien la pregunta de prueba.",
    },
    "compute-thread": {
      title: "Detenida tras errores",
      sentence: "La parte de esta página que calcula se cerró varias veces. Pulsa Empezar para intentarlo de nuevo.",
    },
  },
  saysCoordinator: (message) => `El coordinador dice: «${message}»`,

  now: {
    title: "Trabajando en",
    job: "Trabajo",
    latestJob: "Último trabajo",
    noJob: "todavía ninguno",
    nothing: "–",
    submitter: "Para",
    what: "Qué es",
    purpose: "Para qué",
    batch: "Lote",
    batchText: (rows) => plural(rows, "fila", "filas", "de filas"),
    data: "Datos",
    dataText: (receivedBytes, sentBytes) => `entraron ${bytes(receivedBytes)} de números, salen ${bytes(sentBytes)}`,
    progress: "Cuánto lleva hecho",
    test: "Prueba de entrada",
    testFor: "el coordinador",
    testPurpose: "El coordinador averigua con qué exactitud calcula este dispositivo.",
    purposeText: (purpose) => `«${purpose}»`,
    follow: "Seguir este trabajo",
    refuse: "No a este trabajo",
  },
  facts: {
    title: "Hasta ahora",
    credit: "Trabajo verificado",
    creditUnit: "multiplicaciones",
    creditText: (macs) => inWords(macs),
    creditNote: (passed, next) =>
      "De tu clave, en todas las visitas. Cada trabajo cuenta una vez, después de comprobar sus respuestas. " +
      (passed === null
        ? `Primera meta: ${inWords(next)}.`
        : `Superada la de ${inWords(passed)}; la siguiente: ${inWords(next)}.`),
    speed: "Velocidad actual",
    speedText: (perSecond) => inWords(Math.round(perSecond)),
    speedUnit: "por segundo",
    noSpeed: "aún no se conoce",
    noSpeedNow: "ninguna",
    speedNote: "Multiplicaciones verificadas del último minuto, con descansos y esperas incluidos.",
    done: "Lotes desde el último inicio",
    doneNote: (verified, late, failed, cancelled) => {
      const parts = [
        late > 0 ? `${count(late)} tarde` : "",
        cancelled > 0 ? `${count(cancelled)} que ya no hacían falta` : "",
        failed > 0 ? `${count(failed)} que no se pudieron calcular` : "",
      ].filter((part) => part !== "");
      const besides = parts.length === 0 ? "" : ` Además: ${parts.join(", ")}.`;
      return `${count(verified)} verificados hasta ahora.${besides}`;
    },
    energy: "Energía desde el último inicio",
    energyText: (wh) => formats.wattHours(wh),
    energyNote: (computedMs, watts) =>
      `Una estimación: ${duration(computedMs)} de cálculo por ${count(watts)} W por hilo, que puedes ajustar en «Tus reglas».`,
    traffic: "Tráfico desde el último inicio",
    trafficText: (size) => bytes(size),
    trafficNote: (todayBytes) => `${bytes(todayBytes)} hoy.`,
    backend: "Calcula con",
    backends: { webgl: "WebGL", wasm: "WebAssembly", cpu: "JavaScript", webgpu: "WebGPU" },
    noBackend: "aún sin elegir",
    candidateTime: (name, ms) => `${name} ${duration(ms)}`,
    candidateOut: (name) => `${name} no sirve`,
    key: "Tu clave",
    noKey: "se crea al empezar por primera vez",
    lastError: "Último problema",
    choice: (modelSha256, backend) => `El modelo ${modelSha256.slice(0, 8)} se calcula con ${backend}.`,
    choiceTime: (backend, msPerRow) => `${backend}: ${formats.rough(msPerRow)} ms por fila`,
    choiceOut: (backend, problem) => `${backend} no se usa: ${problem}`,
    unfit: (jobName) => `No para «${jobName}»:`,
  },
  choose: {
    title: "Para quién trabajas",
    atWork: "Trabajos en marcha",
    asking: "Preguntando al coordinador…",
    none: "Ahora no hay ningún trabajo en marcha.",
    takesAny: "Esta pestaña acepta cualquier trabajo que llegue.",
    more: (jobs) => `Y ${plural(jobs, "trabajo más", "trabajos más", "de trabajos más")}.`,
    forWhom: (submitter) => `para ${submitter}`,
    what: (kind) => `${kind}:`,
    left: (share) => ` (falta el ${percent(1 - share)})`,
    refuse: "No",
    refuseNamed: (name) => `No a ${name}`,
    take: "Aceptarlo de nuevo",
    takeNamed: (name) => `Aceptarlo de nuevo: ${name}`,
    refused: "Le dijiste que no.",
    otherProject: "No está entre tus proyectos.",
    projects: "Proyectos: para quién son los trabajos",
    all: "Todos",
    these: "Solo estos",
    noProject: "No hay ninguno elegido, así que esta pestaña no recibe trabajo.",
    checksToo:
      "Un «No» vale al momento, y tu trabajo cuenta como antes. Una cosa cambia: si eliges tus trabajos, no compruebas en ellos el trabajo de otros.",
    doesNotCheck:
      "Has elegido, así que no se te pide comprobar el trabajo de otros en estos trabajos. Si no, un grupo podría elegir un trabajo y avalarse a sí mismo. Tu propio trabajo cuenta como antes.",
  },
  helped: {
    title: "Trabajos en los que ayudaste",
    columns: { job: "Trabajo", submitter: "Para", progress: "Cuánto lleva" },
    unknown: "ya no se conoce",
    ends: {
      done: "terminado",
      stopped: "detenido antes de tiempo",
      diverged: "divergió",
      failed: "fracasó",
      cancelled: "cancelado",
    },
    follow: (name) => `Seguir ${name}`,
  },
  news: {
    title: "Desde tu última visita",
    gone: "se borró, o el coordinador ya no lo guarda.",
    ended: (end, progress, own) => `${end}, ${progress}. ${own}`,
  },
  history: {
    title: "Últimos lotes",
    columns: { job: "Trabajo", submitter: "Para", work: "Tarea", time: "Tiempo", outcome: "Resultado" },
    work: (work) =>
      work === "shard" ? "parte de los datos" : work === "batch" ? "lote" : work === "product" ? "producto" : work,
    outcomes: { answered: "enviado", late: "llegó tarde", cancelled: "no hizo falta", failed: "no se pudo calcular" },
  },
  days: {
    title: "Tus días",
    shortDay: formats.shortDay,
    today: "hoy",
    chart: (days) => `Multiplicaciones verificadas por día, los últimos ${plural(days, "día", "días")}`,
    day: (day, macs, batches, computedMs) =>
      `${formats.shortDay(day)}: ${inWords(macs)} multiplicaciones, ${plural(batches, "lote", "lotes", "de lotes")}, ${duration(computedMs)} de cálculo`,
    sum: (days, macs, computedMs, wh) =>
      `${plural(days, "día", "días")} de trabajo en este navegador: ${inWords(macs)} multiplicaciones verificadas, ${duration(computedMs)} de cálculo, unos ${formats.wattHours(wh)}.`,
  },
  how: {
    title: "Cómo funciona",
    steps: [
      "Las preguntas de un trabajo salen en lotes pequeños: unas tal cual, otras como mezclas de varias. Un trabajo que se entrena con datos envía a cada pestaña una mezcla de los datos, que guarda mientras dura.",
      "Si una pestaña es lenta o se cierra, las mezclas sustituyen sus respuestas, y así nadie la espera.",
      "El coordinador manda calcular de nuevo muestras secretas. Encuentra las respuestas que difieren, y otras pestañas rehacen ese trabajo.",
    ],
    picture: "Cinco pestañas: cuatro tienen preguntas, una su mezcla. Falta una respuesta, y la mezcla la completa.",
  },
  consent: {
    title: "Antes de empezar",
    items: (host, operatedBy) => [
      {
        term: "Quién lo lleva",
        text: `${operatedBy === null ? "" : `${operatedBy}. `}El coordinador en ${host}. Quien lo opera elige los trabajos. Mientras trabajas en uno, esta página lo nombra y dice para quién es.`,
      },
      {
        term: "Qué se ejecuta aquí",
        text: "Solo el código de esta página: rutinas numéricas fijas en un hilo de fondo. Los trabajos traen modelos y números como datos, nunca código. No se minan criptomonedas.",
      },
      {
        term: "Qué se queda en esta pestaña",
        text: `Mientras funciona, su memoria guarda los modelos que recibió y, en los trabajos que se entrenan con datos, una parte codificada de esos datos: hasta ${bytes(TAB_SHARD_CACHE_BYTES_MAX)} por hilo de cálculo. Si detienes o cierras la pestaña, desaparece. La parte nunca se escribe en tu disco.`,
      },
      {
        term: "Qué sale de tu dispositivo",
        text: "Las respuestas calculadas a partir de las filas del trabajo, cuánto tardaron, qué motor las calculó, cuál de tus reglas pone en pausa la pestaña, una clave pública, y tu apodo y tu equipo si los das: cualquiera puede leerlos. Nada de tus archivos, tu historial ni otras pestañas.",
      },
      {
        term: "Quién eres",
        text: "Sin cuenta. Una clave creada en este navegador demuestra que el trabajo anterior fue tuyo; su mitad secreta no puede salir del navegador. Borrar los datos de este sitio la olvida. Con un enlace que tú creas, otro dispositivo trabaja bajo tu nombre.",
      },
      {
        term: "Hasta cuándo sigue",
        text: "Hasta que lo detengas. Si recargas esta página, o la abres otro día, sigue como la dejaste, en pausa si estaba en pausa; una regla lo desactiva.",
      },
      {
        term: "Qué te cuesta",
        text: "Tiempo de procesador, electricidad y algo de tráfico, dentro de las reglas que pongas. Un portátil puede calentarse.",
      },
      {
        term: "La confianza va en los dos sentidos",
        text: "Se calculan de nuevo muestras secretas de las respuestas. Si difieren, otras pestañas rehacen el trabajo, y este dispositivo no recibe más.",
      },
    ],
  },
  rules: {
    title: "Tus reglas",
    note: "Tus reglas valen al momento, y este navegador las recuerda.",
    doesNotTell: "Tu navegador no lo dice, así que esta regla no tiene efecto aquí.",
    mains: "Solo con el dispositivo enchufado",
    mainsNow: {
      mains: "Ahora está enchufado.",
      battery: "Ahora usa la batería.",
      unknown: "Tu navegador aún no lo ha dicho.",
    },
    pressure: "Aflojar cuando el ordenador está ocupado o caliente",
    pressureHint:
      "La pestaña trabaja menos mientras tu ordenador está cargado. Solo se pone en pausa por carga de otros programas que empezó después de Empezar y sigue crítica varios minutos, nunca por la suya.",
    idle: "Solo mientras estoy fuera",
    idleHint: "Un minuto sin teclado ni ratón. Tu navegador te pregunta una vez si esta página puede saberlo.",
    idleNow: {
      idle: "Ahora estás fuera.",
      active: "Ahora estás aquí.",
      unknown: "Tu navegador aún no lo ha dicho.",
    },
    idleRefused: "Se denegó el permiso para detectar la inactividad, así que esta regla está desactivada.",
    saveData: "No mientras mi navegador ahorra datos",
    saveDataHint: "Algunos navegadores tienen un ajuste que pide a cada sitio que ahorre datos.",
    cellular: "No en una red móvil",
    cellularHint: "Solo con Wi-Fi o cable.",
    dataCap: "Limitar el tráfico de un día",
    dataCapUnit: "MB al día",
    schedule: "Solo a ciertas horas",
    scheduleHint: "Según el reloj de este dispositivo. Un final que no es posterior al comienzo es del día siguiente.",
    weekdays: formats.weekdays,
    from: (day) => `${day}, desde`,
    to: (day) => `${day}, hasta`,
    hour: (hour) => `${String(hour).padStart(2, "0")}:00`,
    presets: {
      label: "Poner todos los días",
      always: "todo el día",
      nights: "noches",
      evenings: "tardes y fines de semana",
    },
    threads: "Hilos de cálculo",
    threadsUnasked: (threads) => `${count(threads)}, lo que conviene a este dispositivo`,
    threadsHint: (cores, threads) => {
      const gain =
        threads > 1
          ? ` ${count(threads)} hilos hacen unas ${count(timesTheWork(threads))} veces el trabajo de uno.`
          : "";
      return `Este dispositivo tiene ${plural(cores, "núcleo de procesador", "núcleos de procesador")}.${gain} Vale desde el próximo inicio.`;
    },
    nickname: "Apodo",
    nicknameHint: "Para la clasificación. Vacío: ninguno. Vale desde el próximo inicio.",
    team: "Equipo",
    teamHint:
      "El mismo nombre que tus amigos: tu trabajo verificado cuenta para él. Vacío: ninguno. Vale desde el próximo inicio.",
    goesOn: "Seguir cuando esta página se abra de nuevo",
    goesOnHint: "Salvo que la hayas detenido: tras una recarga u otro día; en pausa si estaba en pausa.",
    screen: "Mantener la pantalla encendida mientras esta pestaña trabaja",
    screenHint:
      "Un teléfono que se apaga suspende sus pestañas. Desactivado de entrada, porque una pantalla gasta más que un procesador en reposo.",
    screenNow: {
      unknown: "Tu navegador no puede mantener encendida una pantalla, así que esta regla no hace nada aquí.",
      off: "La pantalla sigue encendida mientras la pestaña trabaja y está a la vista, no mientras está en pausa.",
      on: "La pantalla sigue encendida ahora.",
      refused: "Tu navegador no quiere mantener la pantalla encendida ahora; una batería baja es un posible motivo.",
    },
    watts: "Vatios de un hilo ocupado",
    wattsHint: "Para estimar la energía. 10 W valen para un portátil; un medidor en el enchufe lo sabe mejor.",
  },
  leaderboard: {
    title: "Clasificación",
    note: "Por multiplicaciones verificadas. Solo cuenta el trabajo comprobado.",
    none: "Aquí todavía nadie tiene trabajo verificado.",
    columns: { rank: "Puesto", name: "Apodo", macs: "Verificado" },
    you: "tú",
    failed: "No se pudo cargar la clasificación.",
  },
  teams: {
    title: "Equipos",
    note: "Un equipo es un nombre que varios voluntarios dan en «Tus reglas». El total de un equipo es el trabajo verificado de sus miembros actuales.",
    none: "Aquí ningún equipo tiene todavía trabajo verificado. Da un nombre en «Tus reglas» para crear uno.",
    columns: { rank: "Puesto", name: "Equipo", members: "Miembros", macs: "Verificado" },
    yours: "el tuyo",
    failed: "No se pudieron cargar los equipos.",
  },
  phone: {
    title: "Trae tu teléfono",
    text: "Escanea esto con otro dispositivo para abrir esta página allí.",
    picture: (address) => `Código QR de ${address}`,
    local:
      "Solo este ordenador puede abrir esta dirección. Para prestar un teléfono, pide a quien opera el coordinador su dirección https://.",
    insecure:
      "Un teléfono podría abrir esta dirección, pero los navegadores solo calculan en direcciones https://. Pide una a quien opera el coordinador.",
    install: "Instalar como aplicación",
    installHint: "Pone esta página entre tus aplicaciones, en una ventana propia.",
  },
  devices: {
    title: "Otro dispositivo tuyo",
    under: (owner) => `Este dispositivo trabaja bajo el nombre de ${owner}: su trabajo cuenta para ese nombre.`,
    text: "Un enlace con el que otro ordenador o teléfono trabaja bajo tu nombre. Cada dispositivo tiene su propia clave y su propio historial. Tus dispositivos nunca se comprueban entre sí.",
    make: "Crear un enlace",
    picture: "Código QR del enlace para tu otro dispositivo",
    copy: "Copiar el enlace",
    until: "Ábrelo allí antes de una hora y pulsa Empezar.",
    failed: (message) => `No hay enlace: ${message}`,
  },
  tabTitle: (title, active) => `${active ? "● " : ""}${title} · Paritab`,
  kinds: kinds(count, plural),
});

const kinds = (count: Formats["count"], plural: Formats["plural"]): WordsOfKinds => ({
  inference: {
    name: "Inferencia",
    assignments: {
      batch: {
        title: "Calculando",
        sentence: "Trabaja en un lote del trabajo de abajo.",
        what: "Una red entrenada responde a preguntas. Tú pasas un lote de ellas por la red.",
      },
    },
    progress: (done, all) =>
      `${count(done)} de ${plural(all, "respuesta definitiva", "respuestas definitivas", "de respuestas definitivas")}`,
    own: ({ rows }) => `Este navegador calculó ${plural(rows, "fila", "filas", "de filas")} de él.`,
  },
  regression: {
    name: "Regresión",
    assignments: codedAssignments,
    progress: (done, all) =>
      `${count(done)} de ${plural(all, "paso de entrenamiento", "pasos de entrenamiento", "de pasos de entrenamiento")}`,
    own: ({ batches }) => `Este navegador calculó ${plural(batches, "lote", "lotes", "de lotes")} para él.`,
  },
  matmul: {
    name: "Producto de matrices",
    assignments: codedAssignments,
    progress: (done, all) =>
      `${count(done)} de ${plural(all, "parte del producto", "partes del producto", "de partes del producto")}`,
    own: ({ batches }) => `Este navegador calculó ${plural(batches, "lote", "lotes", "de lotes")} para él.`,
  },
});

const codedAssignments: WordsOfKinds["regression"]["assignments"] = {
  shard: {
    title: "Descargando una parte de los datos",
    sentence:
      "La parte se guarda en la memoria de esta pestaña, para descargarla una sola vez para todos los pasos del trabajo de abajo.",
    what: "Un cálculo con datos codificados. Tú descargas tu parte de los números.",
  },
  product: {
    title: "Calculando",
    sentence: "Multiplica la parte de los datos de esta pestaña para el trabajo de abajo.",
    what: "Un cálculo con datos codificados. Tú multiplicas tu parte de los números.",
  },
};

export const spanish = { address: import.meta.url, clock, texts };
