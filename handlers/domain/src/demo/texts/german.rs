//! German.

use super::{Language, Talk};

pub(super) static GERMAN: Language = Language {
    dress: Talk {
        asked: &[
            "Haben Sie das Kleid {P} in Größe {S}?",
            "Ist das Kleid {P} gefüttert? Es wäre für eine Hochzeit am Abend.",
            "Ich suche ein leichtes Sommerkleid. Wäre {P} etwas?",
            "Aus welchem Stoff ist {P}, und kann man es selbst waschen?",
        ],
        answered: &[
            "Ja, das Kleid {P} ist in Größe {S} vorrätig. Es ist aus einer leichten Mischung von Seide und Viskose, endet knapp unter dem Knie und hat seitlich einen verdeckten Reißverschluss.",
            "Das Kleid {P} ist ganz gefüttert und behält auch an einem langen Abend seine Form. Der Stoff ist matt und wirkt auf Fotos sehr schön, die Träger sind verstellbar.",
            "{P} passt wunderbar zum Sommer: luftig, mit kurzen Ärmeln, in Salbei oder Elfenbein. Die meisten Kundinnen nehmen ihre übliche Größe, bei Ihnen also {S}.",
        ],
    },
    shoes: Talk {
        asked: &[
            "Sind die Schuhe {P} bequem genug für einen ganzen Tag?",
            "Fallen die {P} klein aus? Ich trage sonst {S}.",
            "Wie hoch ist der Absatz der {P}?",
        ],
        answered: &[
            "Die {P} haben eine gepolsterte Innensohle aus Leder und einen Blockabsatz von fünf Zentimetern, man trägt sie gut den ganzen Tag. In {S} sind noch zwei Paar da.",
            "Die {P} fallen an den Zehen etwas schmal aus. Zwischen zwei Größen nehmen Sie besser die größere; Ihre {S} passt bei schmalem Fuß.",
            "Die {P} kommen aus einer kleinen Werkstatt bei Florenz, aus Kalbsleder mit Gummisohle. Der Absatz ist auch für Kopfsteinpflaster niedrig genug.",
        ],
    },
    delivery: Talk {
        asked: &[
            "Wo bleibt meine Bestellung {O}?",
            "Wie lange dauert die Lieferung? Ich brauche {P} bis Samstag.",
            "Kann ich die Adresse der Bestellung {O} noch ändern?",
        ],
        answered: &[
            "Die Bestellung {O} hat gestern unser Lager verlassen und sollte in {D} Werktagen bei Ihnen sein. Am Morgen der Zustellung bekommen Sie eine Nachricht mit einem Zeitfenster von zwei Stunden.",
            "Der Standardversand dauert {D} Werktage. Wenn Sie {P} bis Samstag brauchen, wählen Sie Express vor vierzehn Uhr, dann geht das Paket noch am selben Tag hinaus.",
            "Die Adresse der Bestellung {O} lässt sich ändern, bis das Paket beim Zusteller ist. Ich habe Ihren Wunsch weitergegeben, Sie erhalten eine Bestätigung per E-Mail.",
        ],
    },
    size: Talk {
        asked: &[
            "Ich liege zwischen {S} und der nächsten Größe. Welche soll ich bei {P} nehmen?",
            "Können Sie mir helfen, meine Größe für {P} zu finden?",
            "Ist {S} eine französische oder eine deutsche Größe?",
        ],
        answered: &[
            "Bei {P} würde ich {S} nehmen: Der Schnitt ist in der Taille großzügig, und der Stoff gibt etwas nach. Wenn Sie es körpernah mögen, geht auch eine Größe kleiner.",
            "Messen Sie um die stärkste Stelle der Brust und um die Taille, ohne das Band zu spannen. Bei {P} entspricht {S} einer Taille von 70 bis 74 Zentimetern.",
            "Unsere Größen sind französische. Eine französische {S} ist in Deutschland zwei Nummern kleiner; im Etikett von {P} stehen beide.",
        ],
    },
    returns: Talk {
        asked: &[
            "Wie schicke ich {P} aus der Bestellung {O} zurück?",
            "Wann bekomme ich das Geld für die Bestellung {O} zurück?",
            "Kann ich {P} gegen Größe {S} tauschen?",
        ],
        answered: &[
            "Sie können {P} innerhalb von 30 Tagen zurückgeben. Öffnen Sie die Bestellung {O} in Ihrem Konto, wählen Sie den Artikel und drucken Sie das Etikett; abgeben können Sie das Paket in jeder Filiale.",
            "Das Paket der Bestellung {O} ist angekommen, der Betrag ist in {D} Werktagen wieder auf Ihrer Karte. Auf dem Auszug steht der Name der Boutique.",
            "Gern. Ich habe Ihnen {P} in Größe {S} für drei Tage zurückgelegt. Schicken Sie das andere Stück mit dem beiliegenden Etikett zurück, der Umtausch kostet nichts.",
        ],
    },
    styling: Talk {
        asked: &[
            "Was passt zu {P}?",
            "Können Sie mir rund um {P} etwas für einen Abend in der Oper zusammenstellen?",
            "Ich habe letzte Woche {P} gekauft. Was könnte mir noch gefallen?",
        ],
        answered: &[
            "Zu {P} würde ich {Q} tragen: Die Farben antworten einander, ohne gleich zu sein. Ein schmaler Gürtel und kleine goldene Ohrringe genügen, dazu am Abend ein Wollmantel in Camel.",
            "Rund um {P} schlage ich {Q} und eine kurze Jacke aus schwarzem Crêpe vor. Eine kleine Tasche genügt; in der Oper wärmt ein Seidentuch mehr, als man denkt.",
        ],
    },
    gift: Talk {
        asked: &["Schreiben Sie eine kurze Karte zu {P} als Geburtstagsgeschenk."],
        answered: &[
            "Alles Gute zum Geburtstag! Als ich {P} sah, wusste ich sofort, für wen es gemacht ist. Möge es an vielen schönen Abenden dabei sein, und ich an einigen auch.",
        ],
    },
    searches: &[
        "seidenkleid grün",
        "{P}",
        "kleid hochzeitsgast lange ärmel",
        "schwarze schuhe kleiner absatz {S}",
        "weite leinenhose",
        "geschenk unter 80 euro",
        "rotes abendkleid größe {S}",
        "weiße sneaker leder",
    ],
    details: &[
        "Sagen Sie mir, bis wann Sie es brauchen, dann prüfe ich den Expressversand für Ihre Postleitzahl.",
        "Es hängt auch im Laden, dort legt man es Ihnen gern bis zum Abend zurück.",
        "Wer {P} gekauft hat, hat sich auch {Q} angesehen, etwas kürzer und in drei Farben.",
        "Kalt von Hand oder im Wollprogramm waschen und liegend trocknen, nicht in der Sonne.",
        "Für Mitglieder unseres Clubs sind Rücksendungen frei, und der Schlussverkauf in {D} Tagen beginnt früher.",
    ],
    closings: &[
        "Soll ich es in Ihren Warenkorb legen?",
        "Kann ich sonst noch etwas für Sie tun?",
        "",
        "Möchten Sie ähnliche Stücke sehen?",
    ],
    praise: &[
        "Schnell und freundlich, danke!",
        "Die Größenberatung war genau richtig.",
        "Sofort das passende Kleid gefunden.",
        "Schöne Vorschläge, ich habe alles gekauft.",
        "Rückgabe in zwei Minuten erledigt.",
    ],
    mixed: &[
        "In Ordnung, aber ich musste zweimal fragen.",
        "Richtige Antwort, nur etwas lang.",
        "Bei Größen gut, bei Farben weniger.",
    ],
    complaints: &[
        "Das Kleid sollte vorrätig sein und war es nicht.",
        "Hat meine Frage nicht verstanden.",
        "Viel zu langsam.",
        "Falscher Liefertermin, jetzt habe ich am Samstag nichts anzuziehen.",
        "Ich fragte nach Schuhen und bekam Kleider.",
    ],
    space: " ",
};
