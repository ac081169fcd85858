//! Words that hold sentences together and say nothing themselves: they tell a language, and end a key phrase.
//!
//! Closed classes of each language (articles, pronouns, prepositions, conjunctions, auxiliaries), and the usual adverbs of
//! place, time and degree. None of the English ones has a tone.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Each language and its words. The Nordic languages share too many to tell them apart: they only outvote others.
const LANGUAGES: [(&str, &str); 8] = [
    (
        "en",
        "a about after again all also am an and another any are as at be because been before being between both but by can \
         could did do does doing done down during each ever every few for from get gets getting give given go goes going got \
         had has have having he her here hers him his how i if in into is it its itself just let made make makes many me \
         might mine more most much must my myself not now of off on once one only onto or other our ours out over own per \
         put quite rather really said same say says see seen several shall she should since so some something still such \
         take taken than that the their them then there these they thing things this those though through till to too took \
         two under until up upon us very via was way we went were what when where whether which while who whom whose why \
         will with within would yet you your yours yourself",
    ),
    (
        "de",
        "aber alle allem allen aller alles als also am an andere anderen auch auf aus bei beim bereits bin bis bisschen bist \
         da dafür damit danach dann das dass davon dazu dein deine dem den denn der des deshalb dich die dies diese diesem \
         diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines einfach einmal er es etwas euch euer \
         für gar ganz gegen gibt hab habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im \
         immer in ins ist ja jede jedem jeden jeder jedes jetzt kann kein keine keinen können könnte konnte machen mal man \
         mehr mein meine meinem meinen meiner mich mir mit muss nach nicht nichts noch nun nur ob oder ohne schon sehr sein \
         seine seinen sich sie sind so soll sollte sondern über um und uns unser unsere unter viel viele vom von vor wann war \
         waren warum was wegen weil weiter wenn wer werden werde wie wieder will wir wird wo wurde wurden würde zu zum zur \
         zwar zwischen",
    ),
    (
        "fr",
        "ai ainsi alors après au aucun aucune aujourd aussi autre autres aux avant avec avez avoir avons bien car ce \
         cela ces cet cette ceux chaque chez comme comment dans de depuis des donc dont du elle elles en encore \
         entre es est et étaient était été être eu eux fait faire faut fois hui il ils jamais je juste l la le les leur \
         leurs lui ma mais me même mes moi mon ne ni non nos notre nous on ont ou où par parce pas pendant \
         peu peut plus pour pourquoi qu quand que quel quelle quelques qui quoi rien sa sans se ses si son sont \
         sous suis sur ta te tes toi ton toujours tous tout toute toutes très trop tu un une va vers voici voilà vos votre \
         vous y",
    ),
    (
        "it",
        "a abbiamo agli ai al alla alle allo altri altro anche ancora avere aveva avete che chi ci ciò come con contro cosa \
         così cui da dal dalla dalle dei del della delle dello dentro di dopo dove due e è ed era erano essere fa fare fino \
         fra già gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mentre mi mia mie miei mio molta molti molto \
         ne negli nei nel nella nelle nessun nessuna no noi non nostra nostro o ogni ora per perché però più poco poi prima \
         può qualche quale quando quanto quella quelle quelli quello questa queste questi questo qui sarà se sei senza si sia \
         siamo siete solo sono stata stato stati su sua sue sugli sui sul sulla suo suoi tanto te ti tra troppo tu tua tue \
         tuo tuoi tutta tutte tutti tutto un una uno vi voi",
    ),
    (
        "es",
        "a al algo algunos ante antes así aunque bien cada casi como cómo con contra cual cuando de del desde donde dos e el \
         él ella ellas ellos en entre era eran es esa ese eso esta está están estaba este esto estos estoy fue fueron ha \
         había han hasta hay he la las le les lo los más me mi mis mucha muchas mucho muchos muy nada ni no nos nosotros \
         nuestra nuestro o otra otro para pero poco por porque pues que qué quien se sea ser si sí siempre sin sobre solo \
         son su sus también tan te tengo tiene tienen toda todas todo todos tu tus un una uno unos usted ustedes y ya yo",
    ),
    (
        "nl",
        "aan al alle alleen als altijd andere ben bij dan dat de deze die dit doen door dus een eens en er geen geweest goed \
         had heb hebben heeft heel hem het hier hij hoe hun ik in is ja je jij jullie kan kon kunnen maar me meer men met mij \
         mijn moet na naar niet niets nog nu of om omdat ons onze ook op over te tegen toch toen tot u uit uw van veel voor \
         waar waarom wanneer want waren was wat we weer wel werd wie wij wil worden wordt zal ze zeer zelf zich zij zijn zo \
         zonder zou",
    ),
    (
        "pt",
        "a ainda ao aos as até bem com como da das de dela dele depois do dos e é ela elas ele eles em entre era essa esse \
         esta está estão estar este eu foi foram há isso isto já lhe mais mas me mesmo meu minha muito muita muitos na não \
         nas nem no nos nós num numa o os ou para pela pelo pelos por porque qual quando que quem se sem ser seu sua são só \
         também te tem tenho ter teve tinha toda todas todo todos tudo um uma umas você vocês",
    ),
    (
        "",
        "af alt at av aldri alle är än att bare bli blir blev bra da de deg dem den denne der det dette dig din disse du \
         efter en er et ett etter för fra från for før ganske god går gik ha han har havde hade hade hon hun hur hva hvad \
         hvor i icke igen ikke inte ikkje jag jeg jo kan kom kun kunne lite litt man mange många mig meg mer men mere med min \
         mitt mycket må måste nå när når något noe noget nu och også og om op opp på så sin sig seg ska skal skulle som \
         samme til till tog trots under ut uten utan var vad ved vel vi vid vil vill være var været vara ville väldigt over \
         över",
    ),
];

/// The bit of the first language.
const ENGLISH: u8 = 1;

/// The languages of each word, a bit each.
static WORDS: LazyLock<HashMap<&str, u8>> = LazyLock::new(|| {
    let mut words: HashMap<&str, u8> = HashMap::new();
    for (bit, (_, list)) in LANGUAGES.iter().enumerate() {
        for word in list.split_whitespace() {
            *words.entry(word).or_default() |= 1 << bit;
        }
    }
    words
});

/// Whether `word`, in small letters, is a function word of a language.
pub(super) fn is_function_word(language: &str, word: &str) -> bool {
    let bit = LANGUAGES.iter().position(|(code, _)| *code == language);
    bit.is_some_and(|bit| {
        WORDS
            .get(word)
            .is_some_and(|languages| languages & (1 << bit) != 0)
    })
}

/// Whether the function words of a language are known at all.
pub(super) fn is_known(language: &str) -> bool {
    !language.is_empty() && LANGUAGES.iter().any(|(code, _)| *code == language)
}

/// How many function words of each language a text has.
pub(super) struct Votes {
    /// Words of the text, of any kind.
    pub(super) words: usize,
    counts: [usize; LANGUAGES.len()],
    /// Those of them that no other language is likely to have by accident.
    telling: [usize; LANGUAGES.len()],
}

impl Votes {
    /// Counts the words of a text.
    pub(super) fn of(text: &str) -> Self {
        let mut votes = Self {
            words: 0,
            counts: [0; LANGUAGES.len()],
            telling: [0; LANGUAGES.len()],
        };
        for token in text.split(|c: char| !c.is_alphanumeric() && c != '\'') {
            let word = token.trim_matches('\'').to_lowercase();
            if is_contracted(&word) {
                votes.add(&word, ENGLISH);
                continue;
            }
            for part in word.split('\'').filter(|part| is_word(part)) {
                votes.add(part, WORDS.get(part).copied().unwrap_or_default());
            }
        }
        votes
    }

    fn add(&mut self, word: &str, languages: u8) {
        self.words += 1;
        let telling = languages.is_power_of_two() && (word.len() > 2 || matches!(word, "it" | "my"));
        for bit in (0..LANGUAGES.len()).filter(|bit| languages & (1 << bit) != 0) {
            self.counts[bit] += 1;
            self.telling[bit] += usize::from(telling);
        }
    }

    /// The language that clearly has the most, if any has.
    pub(super) fn winner(&self) -> Option<&'static str> {
        let most = (0..LANGUAGES.len()).max_by_key(|bit| (self.telling[*bit], self.counts[*bit]))?;
        let (count, telling) = (self.counts[most], self.telling[most]);
        let others = (0..LANGUAGES.len()).filter(|bit| *bit != most);
        let rival = others
            .clone()
            .map(|bit| self.telling[bit])
            .max()
            .unwrap_or_default();
        let second = others.map(|bit| self.counts[bit]).max().unwrap_or_default();
        let clear = count >= 2 && count > second && telling >= 2 * rival && count * 5 >= self.words;
        let brief = count == 1 && second == 0 && self.words <= 4;
        let (code, _) = LANGUAGES[most];
        (telling > 0 && (clear || brief) && !code.is_empty()).then_some(code)
    }
}

/// `don't`, `it's`, `I'm`.
fn is_contracted(word: &str) -> bool {
    let (stem, end) = word.split_once('\'').unwrap_or_default();
    !stem.is_empty() && matches!(end, "t" | "s" | "m" | "re" | "ve" | "ll" | "d")
}

/// Two letters, or one of a script that needs no more: what is left of `:D` is no word.
fn is_word(word: &str) -> bool {
    let mut letters = word.chars().filter(|letter| letter.is_alphabetic());
    letters
        .next()
        .is_some_and(|first| !first.is_ascii() || letters.next().is_some())
}
