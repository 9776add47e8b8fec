//! Part 2: convolutions.
use super::question;
use crate::report::{
    document::Question,
    load::{Correlation, Part2, Results},
    words::{coefficient, percent, thousands},
};

/// All questions of the part.
pub fn answers(results: &Results) -> Vec<Question> {
    let part = results.part2.as_ref();
    vec![
        question("Why are CNNs important, and why for images?", [
            "A fully connected layer learns a weight for every pixel and unit and knows nothing of which pixels are \
             neighbours. A convolution looks at small patches with the *same* weights everywhere: few parameters \
             (its kernel's, whatever the image's size), local features, and equivariance: a shifted object gives a shifted answer. Stacked \
             and pooled, edges become textures, parts and objects over growing receptive fields."
                .into(),
            "Images fit these assumptions: near pixels belong together, the same patterns occur everywhere, and objects are \
             made of parts. Audio, text and other signals on grids do in part."
                .into(),
        ]),
        question("What is a kernel, and what do its sizes mean?", kernel(part)),
        question("What does the picture show?", part.map(picture)),
        question("Why do the numbers in a column look alike?", column(part)),
        question("Why do those in a row not?", row(part)),
        question("What follows from this?", follows(part)),
    ]
}

fn kernel(part: Option<&Part2>) -> Vec<String> {
    let textbook = "A kernel (filter) is a small array of weights that slides over the input; at each place the products with what lies \
                    under it are summed: y[o, i, j] = Σ w[o, c, p, q] · x[c, i + p, j + q]. Its shape is (output channels, input \
                    channels, height, width): each output channel has a stack as deep as the input, and gives one feature map of \
                    size (H − kh + 1) × (W − kw + 1) with stride 1 and no padding.";
    let here = part.map(|p| {
        format!(
            "Here samples {} and kernel {} give {}: {} feature maps of each of {} images.",
            shape(&p.samples_shape),
            shape(&p.kernel_shape),
            shape(&p.out_shape),
            p.out_shape.get(1).unwrap_or(&0),
            p.out_shape.first().unwrap_or(&0)
        )
    });
    vec![textbook.into(), here.unwrap_or_else(|| "On the samples: not run.".into())]
}

fn shape(shape: &[usize]) -> String {
    let sizes: Vec<String> = shape.iter().map(usize::to_string).collect();
    format!("({})", sizes.join(", "))
}

fn picture(p: &Part2) -> String {
    format!(
        "Each row is one image, each column one kernel's answer to it, {} values from {:.2} to {:.2}. Clipped to [0, 1], {} of \
         them are black (no answer, or a negative one) and {} white: the picture is almost a yes or no of where the kernel's pattern \
         (an edge of its direction, a line, a blob) is found. Normalised to its own range the second picture shows how strong, and \
         of which sign.",
        thousands(p.out_shape.iter().product::<usize>() as u64),
        p.min,
        p.max,
        percent(p.black_percent),
        percent(p.white_percent)
    )
}

fn column(part: Option<&Part2>) -> Vec<String> {
    let textbook = "A column is the same kernel over different drawings of a number: it asks the same question, and the drawings share \
                    strokes in about the same places, so the same edges answer.";
    vec![textbook.into(), measured(part, "of the same kernel (a column)", |c| c.same_kernel)]
}

fn row(part: Option<&Part2>) -> Vec<String> {
    let textbook = "A row is one image under different kernels: each asks for another direction or pattern, so other parts of the \
                    same strokes light up.";
    vec![textbook.into(), measured(part, "of the same sample (a row)", |c| c.same_sample)]
}

fn measured(part: Option<&Part2>, pairs: &str, which: impl Fn(&Correlation) -> Option<f64>) -> String {
    let Some(p) = part else { return "How alike: not run.".into() };
    match (which(&p.correlation), which(&p.correlation_clipped)) {
        (Some(values), Some(clipped)) => format!(
            "Measured: two outputs {pairs} correlate by {} on average, {} as clipped in the picture.",
            coefficient(values),
            coefficient(clipped)
        ),
        _ => format!("There is no pair of outputs {pairs} to compare."),
    }
}

fn follows(part: Option<&Part2>) -> Vec<String> {
    let conclusion = "The kernel decides *what* is looked for, the image only *where* it is found. So feature maps are a \
                      description of the image that varies little within a class and can be classified; and since the kernels \
                      matter so much, they are what a CNN learns.";
    let Some(p) = part else { return vec![conclusion.into(), "Measured: not run.".into()] };
    let pair = |c: &Correlation| Some([c.same_kernel?, c.same_sample?]);
    let alike = |[column, row]: [f64; 2]| column > row + 0.05;
    let words = |[column, row]: [f64; 2]| {
        format!("{} within columns against {} within rows", coefficient(column), coefficient(row))
    };
    let measured = match (pair(&p.correlation), pair(&p.correlation_clipped)) {
        (Some(values), Some(clipped)) if alike(values) && alike(clipped) => {
            format!("The numbers bear it out: {}, clipped {}.", words(values), words(clipped))
        }
        (Some(values), Some(clipped)) if alike(values) => format!(
            "The outputs bear it out: {}. Clipped to [0, 1] they do not: {}; what is left are the strokes, whatever the kernel, and \
             those are the image's.",
            words(values),
            words(clipped)
        ),
        (Some(values), _) => {
            format!(
                "In this run the numbers do not bear it out: {}; the samples are less alike than the kernels.",
                words(values)
            )
        }
        (None, _) => "There are too few samples or kernels to measure it.".into(),
    };
    vec![conclusion.into(), measured]
}
