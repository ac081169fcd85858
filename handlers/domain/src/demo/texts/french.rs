//! French.

use super::{Language, Talk};

pub(super) static FRENCH: Language = Language {
    dress: Talk {
        asked: &[
            "Avez-vous la robe {P} en taille {S} ?",
            "La robe {P} est-elle doublée ? C'est pour un mariage en soirée.",
            "Je cherche une robe légère pour l'été, que pensez-vous de la {P} ?",
            "En quelle matière est la robe {P}, et peut-on la laver en machine ?",
        ],
        answered: &[
            "Oui, la robe {P} est disponible en taille {S}. Elle est coupée dans un mélange léger de soie et de viscose, tombe juste sous le genou et se ferme par un zip invisible sur le côté.",
            "La robe {P} est entièrement doublée et garde sa tenue toute la soirée. Le tissu est mat, il rend très bien en photo, et les bretelles sont réglables.",
            "La robe {P} est idéale pour l'été : aérienne, à manches courtes, en vert sauge ou en ivoire. La plupart de nos clientes prennent leur taille habituelle, donc {S} pour vous.",
        ],
    },
    shoes: Talk {
        asked: &[
            "Les chaussures {P} sont-elles confortables pour toute une journée ?",
            "Les {P} taillent-elles petit ? Je fais du {S} d'habitude.",
            "Quelle est la hauteur du talon des {P} ?",
        ],
        answered: &[
            "Les {P} ont une semelle intérieure en cuir rembourrée et un talon carré de cinq centimètres ; on les porte facilement toute la journée. Il nous reste deux paires en {S}.",
            "Les {P} taillent un peu petit au niveau des orteils. Entre deux pointures, prenez celle du dessus ; votre {S} habituel convient à un pied fin.",
            "Les {P} sont fabriquées dans un petit atelier près de Florence, en cuir de veau avec une semelle en gomme. Le talon est assez bas pour les rues pavées.",
        ],
    },
    delivery: Talk {
        asked: &[
            "Où en est ma commande {O} ?",
            "Quel est le délai de livraison ? Il me faut la {P} avant samedi.",
            "Puis-je encore changer l'adresse de la commande {O} ?",
        ],
        answered: &[
            "La commande {O} a quitté notre entrepôt hier et devrait arriver sous {D} jours ouvrés. Vous recevrez un message le matin de la livraison avec un créneau de deux heures.",
            "La livraison standard prend {D} jours ouvrés. Pour recevoir la {P} avant samedi, choisissez l'express avant quatorze heures : le colis part le jour même.",
            "L'adresse de la commande {O} peut être modifiée tant que le colis n'est pas remis au transporteur. J'ai transmis votre demande, une confirmation vous parviendra par courriel.",
        ],
    },
    size: Talk {
        asked: &[
            "J'hésite entre le {S} et la taille au-dessus pour la {P}.",
            "Pouvez-vous m'aider à trouver ma taille pour {P} ?",
            "Le {S}, c'est une taille française ou italienne ?",
        ],
        answered: &[
            "Pour {P}, je prendrais le {S} : la coupe est ample à la taille et le tissu prête un peu. Si vous aimez porter plus près du corps, la taille en dessous convient aussi.",
            "Mesurez le tour de poitrine à l'endroit le plus fort, puis le tour de taille, sans serrer. Pour {P}, le {S} correspond à un tour de taille de 70 à 74 centimètres.",
            "Toutes nos tailles sont françaises. Un {S} français correspond à quatre numéros de plus en Italie ; l'étiquette de {P} indique les deux.",
        ],
    },
    returns: Talk {
        asked: &[
            "Comment retourner la {P} de la commande {O} ?",
            "Quand serai-je remboursée pour la commande {O} ?",
            "Puis-je échanger {P} contre un {S} ?",
        ],
        answered: &[
            "Vous avez 30 jours pour retourner {P}. Ouvrez la commande {O} dans votre compte, choisissez l'article et imprimez l'étiquette ; déposez ensuite le colis dans n'importe quel point relais.",
            "Nous avons bien reçu le colis de la commande {O} ; le montant sera crédité sur votre carte sous {D} jours ouvrés, au nom de la boutique.",
            "Bien sûr. Je vous ai mis {P} de côté en {S} pendant trois jours. Renvoyez l'autre avec l'étiquette fournie : l'échange est gratuit.",
        ],
    },
    styling: Talk {
        asked: &[
            "Avec quoi porter {P} ?",
            "Pouvez-vous composer une tenue autour de {P} pour une soirée à l'opéra ?",
            "J'ai acheté {P} la semaine dernière, qu'est-ce qui pourrait me plaire ?",
        ],
        answered: &[
            "Avec {P}, je porterais {Q} : les couleurs se répondent sans être assorties. Une ceinture fine et de petites boucles dorées suffisent ; un manteau camel et vous voilà prête pour le soir.",
            "Autour de {P}, je vous propose {Q} et une veste courte en crêpe noir. Gardez un petit sac et laissez parler la matière ; à l'opéra, un carré de soie tient plus chaud qu'on ne croit.",
        ],
    },
    gift: Talk {
        asked: &["Écrivez une petite carte pour accompagner {P}, un cadeau d'anniversaire."],
        answered: &[
            "Joyeux anniversaire ! En voyant {P}, j'ai tout de suite su à qui elle irait. Qu'elle t'accompagne longtemps, et que je sois là quelques soirs aussi.",
        ],
    },
    searches: &[
        "robe soie verte",
        "{P}",
        "robe invitée mariage manches longues",
        "escarpins noirs petit talon {S}",
        "pantalon lin large",
        "idée cadeau moins de 80 euros",
        "robe de soirée rouge taille {S}",
        "baskets blanches cuir",
    ],
    details: &[
        "Dites-moi pour quand il vous la faut et je vérifie les options express pour votre code postal.",
        "Elle est aussi en boutique, où l'équipe peut vous la garder jusqu'au soir.",
        "Les clientes qui ont choisi {P} ont aussi regardé {Q}, un peu plus courte et déclinée en trois couleurs.",
        "Lavage à la main à froid ou programme laine, séchage à plat, à l'abri du soleil.",
        "Les membres du club ont les retours gratuits et l'accès anticipé aux soldes, qui commencent dans {D} jours.",
    ],
    closings: &[
        "Voulez-vous que je l'ajoute à votre panier ?",
        "Puis-je vous aider pour autre chose ?",
        "",
        "Souhaitez-vous voir des modèles proches ?",
    ],
    praise: &[
        "Réponse claire et rapide, merci !",
        "Le conseil de taille était parfait.",
        "Très aimable, j'ai tout de suite trouvé ma robe.",
        "De belles idées, j'ai pris toute la tenue.",
        "Retour réglé en deux minutes, bravo.",
    ],
    mixed: &[
        "Correct, mais j'ai dû poser la question deux fois.",
        "Bonne réponse, un peu longue.",
        "Bien pour les tailles, moins pour les couleurs.",
    ],
    complaints: &[
        "On m'a dit que la robe était disponible, c'était faux.",
        "N'a pas compris ma question.",
        "Beaucoup trop lent.",
        "Mauvaise date de livraison, je n'ai rien à mettre samedi.",
        "Je parlais de chaussures, on m'a montré des robes.",
    ],
    space: " ",
};
