//! Italian.

use super::{Language, Talk};

pub(super) static ITALIAN: Language = Language {
    dress: Talk {
        asked: &[
            "Avete l'abito {P} nella taglia {S}?",
            "L'abito {P} è foderato? Lo metterei a un matrimonio di sera.",
            "Cerco un vestito leggero per l'estate, {P} potrebbe andare?",
            "Di che tessuto è {P}, si lava in casa?",
        ],
        answered: &[
            "Sì, l'abito {P} è disponibile nella taglia {S}. È in misto seta e viscosa, leggero, arriva appena sotto il ginocchio e ha una cerniera nascosta sul fianco.",
            "L'abito {P} è completamente foderato e tiene la forma per tutta la serata. Il tessuto è opaco, quindi viene bene in foto, e le spalline si regolano.",
            "{P} è perfetto per l'estate: arioso, a maniche corte, in verde salvia o avorio. Quasi tutte le clienti scelgono la taglia abituale, per lei la {S}.",
        ],
    },
    shoes: Talk {
        asked: &[
            "Le scarpe {P} sono comode per tutto il giorno?",
            "Le {P} calzano piccolo? Di solito porto il {S}.",
            "Quanto è alto il tacco delle {P}?",
        ],
        answered: &[
            "Le {P} hanno una soletta imbottita in pelle e un tacco largo di cinque centimetri, si portano bene tutto il giorno. Del {S} abbiamo ancora due paia.",
            "Le {P} calzano un po' strette in punta. Se è tra due numeri prenda quello più grande; il suo {S} va bene per un piede sottile.",
            "Le {P} sono fatte in un piccolo laboratorio vicino a Firenze, in pelle di vitello con suola in gomma. Il tacco è adatto anche ai sampietrini.",
        ],
    },
    delivery: Talk {
        asked: &[
            "Dov'è il mio ordine {O}?",
            "Quanto ci mette la consegna? Mi serve {P} entro sabato.",
            "Posso ancora cambiare l'indirizzo dell'ordine {O}?",
        ],
        answered: &[
            "L'ordine {O} è partito ieri dal nostro magazzino e dovrebbe arrivare entro {D} giorni lavorativi. La mattina della consegna riceverà un messaggio con una fascia di due ore.",
            "La consegna standard richiede {D} giorni lavorativi. Per avere {P} entro sabato scelga la spedizione espressa prima delle quattordici: parte il giorno stesso.",
            "L'indirizzo dell'ordine {O} si può cambiare finché il pacco non è affidato al corriere. Ho inoltrato la richiesta e riceverà una conferma per e-mail.",
        ],
    },
    size: Talk {
        asked: &[
            "Sono tra la {S} e la taglia sopra, quale prendo per {P}?",
            "Mi aiuta a trovare la taglia giusta per {P}?",
            "La {S} è una taglia francese o italiana?",
        ],
        answered: &[
            "Per {P} prenderei la {S}: il taglio è generoso in vita e il tessuto cede un poco. Se lo preferisce più aderente va bene anche la taglia sotto.",
            "Misuri il torace nel punto più ampio e poi la vita, senza stringere il metro. Per {P} la {S} corrisponde a una vita di 70-74 centimetri.",
            "Tutte le nostre taglie sono francesi. Una {S} francese equivale a quattro numeri in più in Italia; sull'etichetta di {P} ci sono entrambe.",
        ],
    },
    returns: Talk {
        asked: &[
            "Come restituisco {P} dell'ordine {O}?",
            "Quando ricevo il rimborso per l'ordine {O}?",
            "Posso cambiare {P} con la taglia {S}?",
        ],
        answered: &[
            "Può restituire {P} entro 30 giorni. Apra l'ordine {O} nel suo profilo, scelga l'articolo e stampi l'etichetta; il corriere ritira il pacco, oppure lo lasci in un punto di raccolta.",
            "Abbiamo ricevuto il pacco dell'ordine {O}: l'importo torna sulla sua carta entro {D} giorni lavorativi, a nome della boutique.",
            "Certo. Le ho messo da parte {P} nella taglia {S} per tre giorni. Rispedisca l'altro con l'etichetta nel pacco, il cambio è gratuito.",
        ],
    },
    styling: Talk {
        asked: &[
            "Con che cosa posso abbinare {P}?",
            "Mi compone un look intorno a {P} per una serata all'opera?",
            "La settimana scorsa ho preso {P}. Che altro potrebbe piacermi?",
        ],
        answered: &[
            "Con {P} metterei {Q}: i colori si richiamano senza essere uguali. Bastano una cintura sottile e piccoli orecchini dorati, e un cappotto cammello per la sera.",
            "Intorno a {P} le propongo {Q} e una giacca corta in crêpe nero. Borsa piccola, e lasci parlare il tessuto; all'opera un foulard di seta scalda più di quanto sembri.",
        ],
    },
    gift: Talk {
        asked: &["Scriva un biglietto per accompagnare {P}, un regalo di compleanno."],
        answered: &[
            "Buon compleanno! Quando ho visto {P} ho capito subito per chi era fatto. Che ti accompagni in tante belle serate, e in qualcuna ci sia anch'io.",
        ],
    },
    searches: &[
        "abito seta verde",
        "{P}",
        "vestito invitata matrimonio maniche lunghe",
        "scarpe nere tacco basso {S}",
        "pantaloni lino larghi",
        "regalo sotto 80 euro",
        "abito da sera rosso taglia {S}",
        "sneakers bianche pelle",
    ],
    details: &[
        "Se mi dice per quando le serve, controllo la spedizione espressa per il suo CAP.",
        "È anche in negozio: il personale può tenerlo da parte fino a sera.",
        "Chi ha scelto {P} ha guardato anche {Q}, un po' più corto e in tre colori.",
        "Lavare a mano in acqua fredda o con il programma lana, asciugare in piano lontano dal sole.",
        "Per chi è nel nostro club i resi sono gratuiti e i saldi, che iniziano tra {D} giorni, aprono prima.",
    ],
    closings: &[
        "Vuole che lo metta nel carrello?",
        "Posso aiutarla in altro?",
        "",
        "Le mostro qualcosa di simile?",
    ],
    praise: &[
        "Gentile e velocissimo, grazie!",
        "Il consiglio sulla taglia era perfetto.",
        "Ho trovato subito il vestito che cercavo.",
        "Belle idee, ho comprato tutto il look.",
        "Reso risolto in due minuti.",
    ],
    mixed: &[
        "Bene, ma ho dovuto chiedere due volte.",
        "Risposta giusta, un po' lunga.",
        "Utile per le taglie, meno per i colori.",
    ],
    complaints: &[
        "Diceva che era disponibile e non lo era.",
        "Non ha capito la mia domanda.",
        "Troppo lento, ho lasciato perdere.",
        "Data di consegna sbagliata, sabato non ho niente da mettere.",
        "Chiedevo delle scarpe e mi ha mostrato vestiti.",
    ],
    space: " ",
};
