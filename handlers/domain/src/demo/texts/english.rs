//! English.

use super::{Language, Talk};

pub(super) static ENGLISH: Language = Language {
    dress: Talk {
        asked: &[
            "Do you have the {P} dress in size {S}?",
            "Is the {P} dress lined? I want to wear it to a wedding in the evening.",
            "I am looking for a dress for a summer garden party. Would {P} work?",
            "What is the {P} dress made of, and can I wash it at home?",
        ],
        answered: &[
            "Yes, the {P} dress is in stock in size {S}. It is cut from a light silk and viscose blend, falls just below the knee and has a hidden zip at the side.",
            "The {P} dress is fully lined and holds its shape through a long evening. The fabric is matt, so that it photographs well, and the straps can be adjusted.",
            "The {P} dress would suit a garden party very well: it is airy, has short sleeves and comes in sage and in ivory. Most customers take their usual size, which for you would be {S}.",
        ],
    },
    shoes: Talk {
        asked: &[
            "Are the {P} shoes comfortable enough for a whole day?",
            "Do the {P} run small? I usually wear {S}.",
            "How high is the heel of the {P}?",
        ],
        answered: &[
            "The {P} have a padded leather insole and a block heel of five centimetres, so most people wear them all day. In {S} we still have two pairs.",
            "The {P} run slightly small across the toes. If you are between sizes, take the next one up; your usual {S} is right for a narrow foot.",
            "The {P} are made in a small workshop near Florence, from calf leather with a rubber sole. The heel is low enough for cobbled streets.",
        ],
    },
    delivery: Talk {
        asked: &[
            "Where is my order {O}?",
            "How long does delivery take? I need the {P} by Saturday.",
            "Can I still change the address of order {O}?",
        ],
        answered: &[
            "Order {O} left our warehouse yesterday and should reach you within {D} working days. You get a message on the morning of delivery with a window of two hours.",
            "Standard delivery takes {D} working days. If you need the {P} by Saturday, choose express at the checkout before two in the afternoon and it leaves the same day.",
            "The address of order {O} can be changed until the parcel is handed to the carrier. I have passed on your request, and you will get a confirmation by e-mail.",
        ],
    },
    size: Talk {
        asked: &[
            "I am between {S} and the next size. Which {P} should I order?",
            "Could you help me find my size for {P}?",
            "Is {S} a French or an Italian size?",
        ],
        answered: &[
            "For {P} I would take {S}: the cut is generous at the waist and the fabric gives a little. If you like it closer to the body, the next size down works as well.",
            "Measure around the fullest part of the bust and around the waist, without pulling the tape tight. For {P} size {S} fits a waist of 70 to 74 centimetres.",
            "All sizes in our shop are French ones. A French {S} is two sizes smaller in Britain and four numbers higher in Italy, and the label in {P} names all three.",
        ],
    },
    returns: Talk {
        asked: &[
            "How do I return the {P} from order {O}?",
            "When will I get my money back for order {O}?",
            "Can I exchange {P} for size {S}?",
        ],
        answered: &[
            "You can return {P} within 30 days. Open order {O} in your account, choose the article and print the label; the carrier collects the parcel or you leave it at any shop of theirs.",
            "We received the parcel of order {O} and the amount goes back to your card within {D} working days. You will see it under the name of the boutique.",
            "Of course. I have set {P} in size {S} aside for you for three days. Send the other one back with the label in the parcel, and the exchange costs nothing.",
        ],
    },
    styling: Talk {
        asked: &[
            "What goes well with {P}?",
            "Can you put together a look around {P} for an evening at the opera?",
            "I bought {P} last week. What else would I like?",
        ],
        answered: &[
            "With {P} I would wear {Q}: the colours answer each other without matching exactly. A thin belt and small gold earrings are enough, and a wool coat in camel makes it ready for the evening.",
            "Around {P} I suggest {Q} and a short jacket in black crêpe. Keep the bag small and let the fabric speak; for the opera a silk scarf is warmer than it looks.",
        ],
    },
    gift: Talk {
        asked: &["Write a short card to go with {P} as a birthday present."],
        answered: &[
            "Happy birthday! When I saw {P}, I knew at once for whom it was made. May it be there on many good evenings, and may I be there on some of them.",
        ],
    },
    searches: &[
        "silk dress green",
        "{P}",
        "wedding guest dress long sleeves",
        "black shoes low heel {S}",
        "linen trousers wide",
        "gift under 80",
        "red evening dress size {S}",
        "white sneakers leather",
    ],
    details: &[
        "If you tell me when you need it, I can check the express options for your postcode.",
        "It is also in our shop, where the staff can keep it for you until the evening.",
        "Customers who bought {P} also looked at {Q}, which is a little shorter and comes in three colours.",
        "Hand wash cold or use the wool programme, and dry it lying flat, away from the sun.",
        "Members of our club get free returns and first notice of the sale, which starts in {D} days.",
    ],
    closings: &[
        "Would you like me to put it in your basket?",
        "Is there anything else I can help you with?",
        "",
        "Shall I show you similar pieces?",
    ],
    praise: &[
        "Exactly what I wanted to know, thank you!",
        "Quick and friendly, better than waiting on the phone.",
        "The size advice was spot on.",
        "Lovely suggestions, I bought the whole look.",
        "Very helpful with my return.",
    ],
    mixed: &[
        "Fine, but I had to ask twice.",
        "The answer was right but rather long.",
        "Helpful for sizes, less so for colours.",
    ],
    complaints: &[
        "It told me the dress was in stock and it was not.",
        "Did not understand my question at all.",
        "Far too slow, I gave up.",
        "Wrong delivery date, now I have nothing to wear on Saturday.",
        "I asked about shoes and got dresses.",
    ],
    space: " ",
};
